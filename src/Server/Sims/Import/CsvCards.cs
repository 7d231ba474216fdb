using System.Runtime.CompilerServices;
using Simkeeper.Core;

namespace Simkeeper.Server.Sims.Import;

/// <summary>
/// Cards as comma-separated values (RFC 4180) in UTF-8 under a line that names the columns. A line break inside quotes is read as LF.
/// </summary>
internal sealed class CsvCards : CardFile
{
    private readonly CsvRecords _records;

    private CsvCards(CardHeader header, CsvRecords records)
        : base(header) => _records = records;

    /// <summary>Reads the names of the columns. An error refuses the whole file.</summary>
    public static async Task<Result<CardFile>> OpenAsync(Stream stream, CancellationToken cancellation)
    {
        var records = new CsvRecords(stream);
        if (await records.ReadAsync(cancellation) is not { } first)
            return new Error(ErrorCode.MissingValue, "The file is empty. Its first line names the columns.", "iccid");
        if (first.Fields is null)
            return new Error(ErrorCode.InvalidValue, $"Line {first.Line}, which names the columns: {first.Fault}", null);
        var header = CardHeader.Read(first.Fields);
        return header.Error is null ? new CsvCards(header.Value, records) : header.Error;
    }

    public override async IAsyncEnumerable<CardLine> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (await _records.ReadAsync(cancellation) is { } record)
        {
            yield return record.Fields is null
                ? new(null, new(record.Line, null, null, record.Fault!))
                : Header.ToCard(record.Line, record.Fields);
        }
    }

    private readonly record struct CsvRecord(int Line, string[]? Fields, string? Fault);

    /// <summary>Joins the lines of each record and has it split; a faulty record costs its own first line and nothing after it.</summary>
    private sealed class CsvRecords(Stream stream)
    {
        private const string BadQuotes =
            "The quotes of this line do not match. Put a field that has a quote in it into quotes, and double that quote.";

        private readonly CardLines _lines = new(stream);

        public async ValueTask<CsvRecord?> ReadAsync(CancellationToken cancellation)
        {
            while (await _lines.ReadAsync(cancellation) is { } line)
            {
                if (line.Fault is not null)
                    return new(line.Number, null, line.Fault);
                if (string.IsNullOrWhiteSpace(line.Text))
                    continue;
                var more = await FollowingLinesAsync(line, cancellation);
                var record = more.Count == 0 ? line.Text : string.Join('\n', more.Select(l => l.Text).Prepend(line.Text));
                if (Split(record) is { } fields)
                    return new(line.Number, fields, null);
                _lines.GiveBack(more);
                return new(line.Number, null, BadQuotes);
            }
            return null;
        }

        /// <summary>The lines that belong to this one because a quote is open at its end.</summary>
        private async ValueTask<IReadOnlyList<TextLine>> FollowingLinesAsync(TextLine first, CancellationToken cancellation)
        {
            if (!LeavesQuoteOpen(first.Text))
                return [];
            var lines = new List<TextLine>();
            var length = first.Text.Length;
            while (length <= CardLines.MaxLineBytes && await _lines.ReadAsync(cancellation) is { } line)
            {
                lines.Add(line);
                length += line.Text.Length + 1;
                if (line.Fault is not null)
                    break;
                if (LeavesQuoteOpen(line.Text))
                    return lines;
            }
            _lines.GiveBack(lines);
            return [];
        }

        private static bool LeavesQuoteOpen(string text) => text.AsSpan().Count('"') % 2 == 1;

        /// <summary>The fields of a record, or null where a quote stands in the midst of a field or is not closed.</summary>
        private static string[]? Split(string record)
        {
            var fields = new List<string>();
            for (var start = 0; start <= record.Length;)
            {
                var end = start < record.Length && record[start] == '"' ? EndOfQuoted(record, start) : EndOfPlain(record, start);
                if (end < 0 || (end < record.Length && record[end] != ','))
                    return null;
                fields.Add(record.AsSpan(start, end - start) is ['"', .. var inner, '"']
                    ? inner.ToString().Replace("\"\"", "\"")
                    : record[start..end]);
                start = end + 1;
            }
            return [.. fields];
        }

        private static int EndOfPlain(string record, int start)
        {
            var stop = record.AsSpan(start).IndexOfAny(',', '"');
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
