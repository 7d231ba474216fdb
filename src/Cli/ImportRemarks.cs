using System.Text.Json;

namespace Simkeeper.Cli;

/// <summary>Says what the server says of the columns of a file that is imported.</summary>
internal static class ImportRemarks
{
    private const int NamesMax = 20;

    /// <summary>
    /// Sentences for stderr about columns that are not read, or not under their own name; of a dry run about all of them.
    /// </summary>
    public static IEnumerable<string> Of(JsonElement header, bool isDryRun)
    {
        var columns = header.GetProperty("columns").EnumerateArray()
            .Select(column => (Name: column.GetProperty("name").GetString()!, Column: column.GetProperty("column").GetString()!)).ToList();
        var others = columns.Where(column => !column.Name.Equals(column.Column, StringComparison.OrdinalIgnoreCase))
            .Select(column => $"{column.Name} as {column.Column}").ToList();
        var line = header.GetProperty("line").GetInt32();
        if (isDryRun || line > 1)
            yield return $"Line {line} names the columns{Separated(header)}.";
        if (isDryRun)
            yield return $"Columns that are read: {Listed([.. columns.Select(column => column.Column)])}.";
        if (others.Count > 0)
            yield return $"Columns under another name: {Listed(others)}.";
        if (Names(header, "keys") is { Count: > 0 } keys)
            yield return $"Keys of the card are never stored; ignored: {Listed(keys)}.";
        if (Names(header, "ignored") is { Count: > 0 } ignored)
            yield return $"Unknown columns are ignored: {Listed(ignored)}.";
    }

    private static string Separated(JsonElement header) =>
        header.TryGetProperty("delimiter", out var delimiter) ? $", separated by {delimiter.GetString()}" : "";

    private static List<string> Names(JsonElement header, string list) =>
        [.. header.GetProperty(list).EnumerateArray().Select(name => name.GetString()!)];

    private static string Listed(List<string> names) =>
        string.Join(", ", names.Take(NamesMax)) + (names.Count > NamesMax ? $" and {names.Count - NamesMax} more" : "");
}
