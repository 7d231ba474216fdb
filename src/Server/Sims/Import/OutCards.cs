using System.Runtime.CompilerServices;
using Simkeeper.Core;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Sims.Import;

/// <summary>
/// The <c>.out</c> file of a card vendor: sections that start with <c>*</c>, among them a <c>Quantity</c>, and after
/// <c>var_out:ICCID/IMSI/…</c> one card a line, its values in that order with spaces between them. Where the lines have more values, those
/// that <c>Var_In</c> names come first. A carrier or a type in the head is that of every card.
/// </summary>
internal sealed class OutCards : CardFile
{
    /// <summary>The most names that <c>Var_In</c> may have, so that a head without an end stays small.</summary>
    public const int MaxInputs = ImportHeader.MaxColumns;

    private readonly CardLines _lines;
    private Quantity? _quantity;

    private OutCards(CardHeader header, int line, CardLines lines, Quantity? quantity)
        : base(header, line, null) => (_lines, _quantity) = (lines, quantity);

    /// <summary>Reads up to the first card. An error refuses the whole file.</summary>
    public static async Task<Result<CardFile>> OpenAsync(Stream sent, CardReading reading, CancellationToken cancellation)
    {
        var text = await CardText.OpenAsync(sent, cancellation);
        if (text.Error is { } noText)
            return noText;
        var lines = new CardLines(text.Value, reading.BytesMax);
        var head = new Head();
        while (await lines.ReadAsync(cancellation) is { } line)
        {
            if (line.Fault is not null)
                return new Error(ErrorCode.InvalidValue, $"Line {line.Number}: {line.Fault}");
            if (head.Take(line) is { } error)
                return error;
            if (head.Outputs is null)
                continue;
            var (quantity, first) = await SkipToCardAsync(lines, cancellation);
            head.Quantity ??= quantity;
            if (first is null && head.Quantity is null)
            {
                return new Error(
                    ErrorCode.MissingValue, "The file does not say how many cards it has: add a line Quantity.", "quantity");
            }
            if (first is not null)
                lines.GiveBack([first.Value]);
            var names = head.Names(first is null ? 0 : Fields(first.Value.Text).Length, reading.Map);
            var header = ImportHeader.Parse(names, reading.Map);
            return header.Error is null
                ? new OutCards(new CardHeader(header.Value, head.Defaults), line.Number, lines, head.Quantity)
                : header.Error;
        }
        return new Error(ErrorCode.MissingValue, "The file has no line var_out:ICCID/IMSI/… that says what its cards carry.", "var_out");
    }

    public override async IAsyncEnumerable<CardLine> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var count = 0;
        var isOver = false;
        while (await _lines.ReadAsync(cancellation) is { } line)
        {
            if (line.Fault is null && (IsBlank(line.Text) || TakeQuantity(line)))
                continue;
            isOver |= line.Text.StartsWith('*');
            if (isOver)
                continue;
            count++;
            yield return line.Fault is null
                ? Header.ToCard(line.Number, Fields(line.Text))
                : new(null, new(line.Number, null, null, line.Fault));
        }
        if (_quantity?.Count != count)
        {
            var reason = _quantity is null
                ? "The file does not say how many cards it has, so it may be cut off: add a line Quantity."
                : $"The file announces {_quantity.Count} cards and has {count}. It may be cut off; ask the vendor for it again.";
            yield return new(null, new(_quantity?.Line ?? _lines.Number, null, "quantity", reason) { IsOfFile = true });
        }
    }

    /// <summary>Finds the first card, which is not taken from the lines for good, and a quantity that stands before it.</summary>
    private static async Task<(Quantity?, TextLine?)> SkipToCardAsync(CardLines lines, CancellationToken cancellation)
    {
        Quantity? quantity = null;
        while (await lines.ReadAsync(cancellation) is { } line)
        {
            if (line.Fault is not null)
                return (quantity, line);
            if (IsBlank(line.Text))
                continue;
            if (Quantity.Read(line) is not { Error: null } read)
                return (quantity, line);
            quantity = read.Value;
        }
        return (quantity, null);
    }

    private bool TakeQuantity(TextLine line)
    {
        if (Quantity.Read(line) is not { } read)
            return false;
        if (read.Error is null)
            _quantity ??= read.Value;
        return true;
    }

    /// <summary>True for a line of nothing, or of stars, which vendors draw between sections.</summary>
    private static bool IsBlank(string text) => text.AsSpan().Trim().TrimStart('*').IsEmpty;

    private static string[] Fields(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The number of cards that a file announces, and the line where it does.</summary>
    private sealed record Quantity(int Count, int Line)
    {
        private const string Name = "quantity";

        /// <summary>Reads <c>Quantity: 1,000 cards</c>; null: the line is about something else.</summary>
        public static Result<Quantity>? Read(TextLine line)
        {
            var colon = line.Text.IndexOf(':');
            if (colon < 0 || !line.Text.AsSpan(0, colon).Trim().Equals(Name, StringComparison.OrdinalIgnoreCase))
                return null;
            return Number(line.Text.AsSpan(colon + 1).Trim()) is { } count
                ? new Quantity(count, line.Number)
                : new Error(ErrorCode.InvalidValue, $"Line {line.Number}: Quantity is a number of cards.", Name);
        }

        /// <summary>The number at the start of a text, with separators between thousands, if nothing but words follows it.</summary>
        private static int? Number(ReadOnlySpan<char> text)
        {
            var end = 0;
            var number = 0L;
            while (end < text.Length && number <= int.MaxValue)
            {
                if (char.IsAsciiDigit(text[end]))
                {
                    number = (number * 10) + text[end] - '0';
                    end++;
                    continue;
                }
                // A separator has three digits behind it, and no fourth.
                var isSeparator = end > 0 && text[end] is ',' or '.' or '\'' or ' ' && text.Length >= end + 4
                    && !text.Slice(end + 1, 3).ContainsAnyExceptInRange('0', '9')
                    && (text.Length == end + 4 || !char.IsAsciiDigit(text[end + 4]));
                if (!isSeparator)
                    break;
                end++;
            }
            foreach (var c in text[end..])
            {
                if (!char.IsLetter(c) && c is not (' ' or '.' or '(' or ')'))
                    return null;
            }
            return end == 0 || number > int.MaxValue ? null : (int)number;
        }
    }

    /// <summary>The sections above the cards, as far as they matter.</summary>
    private sealed class Head
    {
        private readonly List<string> _inputs = [];
        private bool _isInput;

        public Quantity? Quantity { get; set; }

        /// <summary>The names of <c>var_out</c>; null: that line has not come yet.</summary>
        public string[]? Outputs { get; private set; }

        /// <summary>The texts of columns that the head gives for every card, or null.</summary>
        public string?[]? Defaults { get; private set; }

        public Error? Take(TextLine line)
        {
            if (line.Text.StartsWith('*'))
                _isInput &= IsBlank(line.Text);
            var colon = line.Text.IndexOf(':');
            if (colon < 0)
                return null;
            var name = line.Text[..colon].Trim();
            var value = line.Text[(colon + 1)..].Trim();
            switch (string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant())
            {
                case "quantity":
                    if (OutCards.Quantity.Read(line) is { } read)
                    {
                        if (read.Error is not null)
                            return read.Error;
                        Quantity = read.Value;
                    }
                    break;
                case "varin" or "varinlist":
                    _isInput = true;
                    _inputs.AddRange(Names(value).Take(MaxInputs));
                    break;
                case "varout" or "varoutlist":
                    Outputs = Names(value);
                    break;
                default:
                    if (_isInput && _inputs.Count < MaxInputs)
                        _inputs.Add(name);
                    else if (!_isInput)
                        TakeDefault(name, value);
                    break;
            }
            return null;
        }

        /// <summary>The names of the columns of a file whose lines have this many values.</summary>
        public string[] Names(int values, ImportMap map)
        {
            var outputs = Outputs!;
            string[] inputs = [.. _inputs.Where(input => !outputs.Contains(input, StringComparer.OrdinalIgnoreCase))];
            var isShort = values == 0 ? !ImportHeader.Fits(outputs, map) : values == inputs.Length + outputs.Length;
            return isShort && inputs.Length > 0 ? [.. inputs, .. outputs] : outputs;
        }

        private static string[] Names(string list) => list.Trim('/', ' ', '\t') is { Length: > 0 } names ? names.Split('/') : [];

        /// <summary>Takes what can be the same for every card; what is no value of the column is somebody else's word.</summary>
        private void TakeDefault(string name, string value)
        {
            var text = ImportColumns.Find(name) switch
            {
                ImportColumn.Type => SimTypes.Words.All.FirstOrDefault(word => word.Equals(value, StringComparison.OrdinalIgnoreCase)),
                ImportColumn.Provider => SimCard.IsProvider(value) ? value : null,
                ImportColumn.SmdpAddress => value.Length > 0 ? value : null,
                _ => null,
            };
            if (text is null)
                return;
            Defaults ??= new string?[ImportColumns.KnownCount];
            Defaults[(int)ImportColumns.Find(name)!.Value] = text;
        }
    }
}
