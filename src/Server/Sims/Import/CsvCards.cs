using System.Runtime.CompilerServices;
using Simkeeper.Core;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Sims.Import;

/// <summary>
/// Cards as separated values (RFC 4180) under a line that names the columns. A line <c>sep=;</c> and a few lines of title may stand above
/// it. A line break inside quotes is read as LF.
/// </summary>
internal sealed class CsvCards : CardFile
{
    /// <summary>The most lines among which the names of the columns are looked for.</summary>
    public const int MaxHeadLines = 10;
    private const string Separator = "sep=";

    private readonly CsvRecords _records;
    private readonly char _delimiter;

    private CsvCards(CardHeader header, CsvRecords records, int line, char delimiter)
        : base(header, line, delimiter) => (_records, _delimiter) = (records, delimiter);

    /// <summary>Reads the names of the columns. An error refuses the whole file.</summary>
    public static async Task<Result<CardFile>> OpenAsync(Stream sent, CardReading reading, CancellationToken cancellation)
    {
        var text = await CardText.OpenAsync(sent, cancellation);
        if (text.Error is { } noText)
            return noText;
        var records = new CsvRecords(new CardLines(text.Value, reading.BytesMax));
        var delimiters = reading.Delimiter?.ToString() ?? CardReading.Delimiters;
        Error? seen = null;
        var isNamesSeen = false;
        for (var count = 0; count < MaxHeadLines && await records.ReadAsync(cancellation) is { } record; count++)
        {
            if (record.Fault is not null)
                return Unreadable(record.Line, record.Fault);
            if (record.Text.StartsWith(Separator, StringComparison.OrdinalIgnoreCase) && record.Text.Trim().Length <= Separator.Length + 1)
            {
                if (record.Text.Length == Separator.Length || !CardReading.Delimiters.Contains(record.Text[Separator.Length]))
                    return Unreadable(record.Line, "It names a separator that is none of comma, semicolon, tab and |.");
                delimiters = reading.Delimiter?.ToString() ?? record.Text[Separator.Length].ToString();
                continue;
            }
            var (delimiter, names) = delimiters.Select(delimiter => (delimiter, Names: CsvRecords.Split(record.Text, delimiter) ?? []))
                .OrderByDescending(way => ImportHeader.Known(way.Names, reading.Map)).ThenByDescending(way => way.Names.Length).First();
            if (ImportHeader.Fits(names, reading.Map))
            {
                var header = ImportHeader.Parse(names, reading.Map);
                return header.Error is null
                    ? new CsvCards(new CardHeader(header.Value), records, record.Line, delimiter)
                    : header.Error;
            }
            // A title has one cell; the line of names is told, if there is none with an ICCID among them.
            if (seen is null || (!isNamesSeen && names.Length > 1))
            {
                isNamesSeen = names.Length > 1;
                seen = names.Length == 0
                    ? Unreadable(record.Line, CsvRecords.BadQuotes)
                    : ImportHeader.Parse(names, reading.Map).Error;
            }
            // A card above the names would be lost.
            if (ImportNames.IsCard([record.Text]))
                break;
            records.GiveBackFollowing();
        }
        return seen ?? new Error(ErrorCode.MissingValue, "The file is empty. Its first line names the columns.", "iccid");
    }

    public override async IAsyncEnumerable<CardLine> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (await _records.ReadAsync(cancellation) is { } record)
        {
            if (record.Fault is null && IsBlank(record.Text))
                continue;
            var fields = record.Fault is null ? CsvRecords.Split(record.Text, _delimiter) : null;
            if (fields is null && record.Fault is null)
                _records.GiveBackFollowing();
            yield return fields is null
                ? new(null, new(record.Line, null, null, record.Fault ?? CsvRecords.BadQuotes))
                : Header.ToCard(record.Line, fields);
        }
    }

    /// <summary>True for a row of cells that are all empty, as spreadsheets append them.</summary>
    private bool IsBlank(string text)
    {
        foreach (var c in text)
        {
            if (c != _delimiter && c != '"' && !char.IsWhiteSpace(c))
                return false;
        }
        return true;
    }

    private static Error Unreadable(int line, string fault) =>
        new(ErrorCode.InvalidValue, $"Line {line}, which names the columns: {fault}", null);

    /// <summary>A record, its lines joined by LF, or what is wrong with its first line.</summary>
    private readonly record struct CsvRecord(int Line, string Text, string? Fault);

    /// <summary>Joins the lines of each record; a faulty record costs its own first line and nothing after it.</summary>
    private sealed class CsvRecords(CardLines lines)
    {
        public const string BadQuotes =
            "The quotes of this line do not match. Put a field that has a quote in it into quotes, and double that quote.";

        private IReadOnlyList<TextLine> _following = [];

        public async ValueTask<CsvRecord?> ReadAsync(CancellationToken cancellation)
        {
            while (await lines.ReadAsync(cancellation) is { } line)
            {
                if (line.Fault is not null)
                    return new(line.Number, "", line.Fault);
                if (string.IsNullOrWhiteSpace(line.Text))
                    continue;
                _following = await FollowingLinesAsync(line, cancellation);
                var text = _following.Count == 0 ? line.Text : string.Join('\n', _following.Select(l => l.Text).Prepend(line.Text));
                return new(line.Number, text, null);
            }
            return null;
        }

        /// <summary>The lines of the last record but its first come again: its quotes were no quotes.</summary>
        public void GiveBackFollowing()
        {
            lines.GiveBack(_following);
            _following = [];
        }

        /// <summary>The fields of a record, or null where a quote stands in the midst of a field or is not closed.</summary>
        public static string[]? Split(string record, char delimiter)
        {
            var fields = new List<string>();
            for (var start = 0; start <= record.Length;)
            {
                // A spreadsheet's formula for a text, ="8988…", is read as that text.
                if (start + 1 < record.Length && record[start] == '=' && record[start + 1] == '"')
                    start++;
                var end = start < record.Length && record[start] == '"'
                    ? EndOfQuoted(record, start)
                    : EndOfPlain(record, start, delimiter);
                if (end < 0 || (end < record.Length && record[end] != delimiter))
                    return null;
                fields.Add(record.AsSpan(start, end - start) is ['"', .. var inner, '"']
                    ? inner.ToString().Replace("\"\"", "\"")
                    : record[start..end]);
                start = end + 1;
            }
            return [.. fields];
        }

        /// <summary>The lines that belong to this one because a quote is open at its end.</summary>
        private async ValueTask<IReadOnlyList<TextLine>> FollowingLinesAsync(TextLine first, CancellationToken cancellation)
        {
            if (!LeavesQuoteOpen(first.Text))
                return [];
            var following = new List<TextLine>();
            var length = first.Text.Length;
            while (length <= CardLines.MaxLineBytes && await lines.ReadAsync(cancellation) is { } line)
            {
                following.Add(line);
                length += line.Text.Length + 1;
                if (line.Fault is not null)
                    break;
                if (LeavesQuoteOpen(line.Text))
                    return following;
            }
            lines.GiveBack(following);
            return [];
        }

        private static bool LeavesQuoteOpen(string text) => text.AsSpan().Count('"') % 2 == 1;

        private static int EndOfPlain(string record, int start, char delimiter)
        {
            var stop = record.AsSpan(start).IndexOfAny(delimiter, '"');
            return stop < 0 ? record.Length : start + stop;
        }

        /// <summary>The position after the closing quote, or -1: a doubled quote closes nothing.</summary>
        private static int EndOfQuoted(string record, int start)
        {
            for (var i = start + 1; i < record.Length; i++)
            {
                if (record[i] != '"')
                    continue;
                if (i + 1 == record.Length || record[i + 1] != '"')
                    return i + 1;
                i++;
            }
            return -1;
        }
    }
}
