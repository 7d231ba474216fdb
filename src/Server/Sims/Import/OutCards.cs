using System.Runtime.CompilerServices;
using Simkeeper.Core;

namespace Simkeeper.Server.Sims.Import;

/// <summary>
/// The <c>.out</c> file of a card vendor: sections that start with <c>*</c>, among them a <c>Quantity</c>, and after
/// <c>var_out:ICCID/IMSI/…</c> one card a line, its values in that order with spaces between them.
/// </summary>
internal sealed class OutCards : CardFile
{
    private readonly CardLines _lines;
    private readonly int _quantity;
    private readonly int _quantityLine;

    private OutCards(CardHeader header, CardLines lines, int quantity, int quantityLine)
        : base(header) => (_lines, _quantity, _quantityLine) = (lines, quantity, quantityLine);

    /// <summary>Reads up to the line <c>var_out</c>. An error refuses the whole file.</summary>
    public static async Task<Result<CardFile>> OpenAsync(Stream stream, CancellationToken cancellation)
    {
        var lines = new CardLines(stream);
        int? quantity = null;
        var quantityLine = 0;
        while (await lines.ReadAsync(cancellation) is { } line)
        {
            if (line.Fault is not null)
                return new Error(ErrorCode.InvalidValue, $"Line {line.Number}: {line.Fault}");
            var colon = line.Text.IndexOf(':');
            if (colon < 0)
                continue;
            var name = line.Text[..colon].Trim();
            var value = line.Text[(colon + 1)..].Trim();
            if (name.Equals("quantity", StringComparison.OrdinalIgnoreCase))
            {
                if (!int.TryParse(value, System.Globalization.NumberStyles.None, null, out var number))
                    return new Error(ErrorCode.InvalidValue, $"Line {line.Number}: Quantity is a number of cards.", "quantity");
                (quantity, quantityLine) = (number, line.Number);
            }
            else if (name.Equals("var_out", StringComparison.OrdinalIgnoreCase))
            {
                if (quantity is null)
                {
                    return new Error(
                        ErrorCode.MissingValue, "The file does not say how many cards it has: add a line Quantity.", "quantity");
                }
                var header = CardHeader.Read(value.Split('/'));
                return header.Error is null ? new OutCards(header.Value, lines, quantity.Value, quantityLine) : header.Error;
            }
        }
        return new Error(ErrorCode.MissingValue, "The file has no line var_out:ICCID/IMSI/… that says what its cards carry.", "var_out");
    }

    public override async IAsyncEnumerable<CardLine> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var count = 0;
        while (await _lines.ReadAsync(cancellation) is { } line && !line.Text.StartsWith('*'))
        {
            if (line.Fault is null && string.IsNullOrWhiteSpace(line.Text))
                continue;
            count++;
            yield return line.Fault is null
                ? Header.ToCard(line.Number, line.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                : new(null, new(line.Number, null, null, line.Fault));
        }
        if (count != _quantity)
        {
            var reason = $"The file announces {_quantity} cards and has {count}. It may be cut off; ask the vendor for it again.";
            yield return new(null, new(_quantityLine, null, "quantity", reason));
        }
    }
}
