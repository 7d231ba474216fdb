using System.Text;
using Simkeeper.Core.Sims;

namespace Simkeeper.Cli;

/// <summary>
/// Reads the first line of a CSV for its columns. It looks at names only, and only in a line that names <c>iccid</c>: in a file without a
/// header the first line is a card, whose keys must not be printed.
/// </summary>
internal static class CsvHeader
{
    /// <summary>The part of a header that is read, in bytes; the server judges the rest of a longer one.</summary>
    public const int BytesMax = 64 * 1024;
    private const int NamesMax = 20;
    private const int NameLengthMax = 40;

    /// <summary>Sentences for stderr about columns that will not be imported.</summary>
    public static IEnumerable<string> Remarks(ReadOnlySpan<byte> head)
    {
        var end = head.IndexOf((byte)'\n');
        var columns = Split(Encoding.UTF8.GetString(end < 0 ? head : head[..end]).TrimStart('\uFEFF'));
        if (!columns.Contains("iccid", StringComparer.OrdinalIgnoreCase))
            return [];
        var keys = columns.Where(ImportColumns.IsCardKey).ToList();
        var unknown = columns
            .Where(name => ImportColumns.Find(name) is null && !ImportColumns.IsCardKey(name)
                && !name.StartsWith("metadata.", StringComparison.OrdinalIgnoreCase))
            .ToList();
        return
        [
            .. keys.Count > 0 ? [$"Keys of the card are never stored; ignored: {Listed(keys)}."] : Array.Empty<string>(),
            .. unknown.Count > 0 ? [$"Unknown columns are ignored: {Listed(unknown)}."] : Array.Empty<string>(),
        ];
    }

    private static List<string> Split(string line)
    {
        var columns = new List<string>();
        var name = new StringBuilder();
        var quoted = false;
        foreach (var c in line)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                columns.Add(name.ToString().Trim());
                name.Clear();
            }
            else
            {
                name.Append(c);
            }
        }
        columns.Add(name.ToString().Trim());
        return columns;
    }

    private static string Listed(List<string> names)
    {
        var shown = names.Take(NamesMax).Select(name =>
            name.Length == 0 ? "(no name)" : name.Length > NameLengthMax ? $"{name[..NameLengthMax]}…" : name);
        return string.Join(", ", shown) + (names.Count > NamesMax ? $" and {names.Count - NamesMax} more" : "");
    }
}
