namespace Simkeeper.Core.Sims;

/// <summary>Names of a file's columns that a user has told the meaning of: <c>Their name=iccid</c>.</summary>
public sealed class ImportMap
{
    public static readonly ImportMap Empty = new([]);

    private readonly IReadOnlyList<(string Name, string Column)> _entries;

    private ImportMap(IReadOnlyList<(string, string)> entries) => _entries = entries;

    /// <summary>The number of names.</summary>
    public int Count => _entries.Count;

    /// <summary>Reads names, each with a column behind its last equals sign. Errors name <c>map</c>.</summary>
    public static Result<ImportMap> Parse(IReadOnlyList<string> entries)
    {
        var read = new List<(string Name, string Column)>();
        if (entries.Count > ImportHeader.MaxColumns)
            return Wrong($"A file has at most {ImportHeader.MaxColumns} columns.");
        foreach (var entry in entries)
        {
            var equals = entry.LastIndexOf('=');
            if (equals < 0)
                return Wrong("Write a name of the file, = and a column: Their name=iccid.");
            var (name, column) = (entry[..equals].Trim(), entry[(equals + 1)..].Trim());
            if (name.Length == 0 || read.Exists(other => Same(other.Name, name)))
                return Wrong("Name each column of the file once, before the =.");
            if (ImportColumns.IsCardKey(name) || ImportColumns.IsCardKey(column))
                return Wrong("Keys of the card are never stored, under no name.");
            var known = ImportColumnNames.Words.Find(column.ToLowerInvariant());
            if (known is null && !column.StartsWith(ImportHeader.MetadataPrefix, StringComparison.OrdinalIgnoreCase))
                return Wrong($"After the = stands one of {string.Join(", ", ImportColumnNames.Words.All)}, or metadata.NAME.");
            read.Add((name, column));
        }
        return new ImportMap(read);
    }

    /// <summary>The column that the user has named for this name of the file, or null.</summary>
    public string? Find(string name)
    {
        foreach (var entry in _entries)
        {
            if (Same(entry.Name, name))
                return entry.Column;
        }
        return null;
    }

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static Error Wrong(string message) => new(ErrorCode.InvalidValue, message, "map");
}
