namespace Simkeeper.Core.Sims;

/// <summary>The meaning of the columns of a file, found from their names.</summary>
public sealed class ImportHeader
{
    /// <summary>The most columns that a file may have.</summary>
    public const int MaxColumns = 1000;

    /// <summary>The most names in each list of names, so that what is told of a file stays short.</summary>
    public const int MaxNames = 50;

    public const string MetadataPrefix = "metadata.";

    private readonly ImportColumn?[] _columns;
    private readonly string?[] _metadataKeys;
    private readonly List<KeyValuePair<string, string>> _read = [];
    private readonly List<string> _ignored = [];
    private readonly List<string> _keys = [];

    private ImportHeader(int count)
    {
        _columns = new ImportColumn?[count];
        _metadataKeys = new string?[count];
    }

    /// <summary>The number of columns.</summary>
    public int Count => _columns.Length;

    public ImportColumns Columns { get; private set; }

    /// <summary>The columns that are read: the name in the file, as it may be shown, and ours. At most <see cref="MaxNames"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Read => _read;

    /// <summary>The names, as they may be shown, of columns that nobody here knows. At most <see cref="MaxNames"/>.</summary>
    public IReadOnlyList<string> Ignored => _ignored;

    /// <summary>The names, as they may be shown, of columns with keys of the card, which are not read.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <summary>True if a column is read under another name than ours.</summary>
    public bool HasAliases { get; private set; }

    /// <summary>The column at this place, or null: it is not one of ours.</summary>
    public ImportColumn? ColumnAt(int place) => _columns[place];

    /// <summary>The metadata key at this place, or null.</summary>
    public string? MetadataKeyAt(int place) => _metadataKeys[place];

    /// <summary>True if one of the names stands for the ICCID, so that this can be the line that names the columns.</summary>
    public static bool Fits(IReadOnlyList<string> names, ImportMap map) => names.Any(name => Means(name.Trim(), map) == ImportColumn.Iccid);

    /// <summary>The number of names that are known.</summary>
    public static int Known(IReadOnlyList<string> names, ImportMap map) => names.Count(name => Means(name.Trim(), map) is not null);

    /// <summary>
    /// Fails where there is no ICCID, where a column comes twice, where a metadata key is not acceptable, and where the map names a column
    /// that the file lacks. Names that users mapped, and our own, come before the names of others: the first of those counts.
    /// </summary>
    public static Result<ImportHeader> Parse(IReadOnlyList<string> names, ImportMap map)
    {
        if (names.Count > MaxColumns)
            return new Error(ErrorCode.InvalidValue, $"A file has at most {MaxColumns} columns.");
        var header = new ImportHeader(names.Count);
        var mapped = 0;
        for (var i = 0; i < names.Count; i++)
        {
            var name = names[i].Trim();
            var target = map.Find(name);
            mapped += target is null ? 0 : 1;
            if (header.TakeOwn(i, target ?? name) is { } error)
                return error;
        }
        if (mapped < map.Count)
            return new Error(ErrorCode.InvalidValue, "The file has no column of a name that map gives, or has it twice.", "map");
        for (var i = 0; i < names.Count; i++)
            header.TakeRest(i, names[i].Trim(), map.Find(names[i].Trim()) is not null);
        return header.Columns.Contains(ImportColumn.Iccid)
            ? header
            : new Error(ErrorCode.MissingValue, $"The file has no column iccid. {Seen(names, map)}", "iccid");
    }

    /// <summary>
    /// Tells what was seen instead of the name of the ICCID, and how to mend it. No text of the file is in it: where no line names the
    /// columns, what was taken for names can be a card.
    /// </summary>
    private static string Seen(IReadOnlyList<string> names, ImportMap map)
    {
        if (names.All(string.IsNullOrWhiteSpace))
            return "Name the columns in a line above the cards, such as iccid,imsi.";
        if (!names.All(name => string.IsNullOrWhiteSpace(name) || ImportNames.IsShowable(name)))
            return "It has a line of numbers before any line that names the columns. Put one above it, such as iccid,imsi.";
        var known = names.Select(name => Means(name.Trim(), map)?.ToWire()).Where(column => column is not null).Distinct().ToList();
        return names.Count == 1
            ? "Its first line was read as one column. Name the columns there, with , ; | or a tab between them: iccid,imsi."
            : $"Its first line was read as {names.Count} columns. Known among them: {string.Join(", ", known.DefaultIfEmpty("none"))}. "
                + "Rename the column of the ICCID, or say which it is with --map \"Their name=iccid\" (map=… in the API).";
    }

    private static ImportColumn? Means(string name, ImportMap map) => ImportColumns.Find(map.Find(name) ?? name);

    /// <summary>Takes a column that has one of our own names.</summary>
    private Error? TakeOwn(int place, string name)
    {
        if (ImportColumnNames.Words.Find(name.ToLowerInvariant()) is { } column)
        {
            if (Columns.Contains(column))
                return Twice(column.ToWire());
            Columns = Columns.With(column);
            _columns[place] = column;
        }
        else if (name.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase) && !ImportColumns.IsCardKey(name))
        {
            var key = name[MetadataPrefix.Length..];
            var shown = ImportNames.IsShowable(name) ? MetadataPrefix + key : null;
            if (Metadata.Empty.Merge([new(key, "")]).Error is { } error)
                return error with { Field = shown };
            if (_metadataKeys.Contains(key))
                return Twice(shown ?? "metadata");
            _metadataKeys[place] = key;
        }
        return null;
    }

    /// <summary>Takes a column under a name of others, unless it is taken, and tells of the column.</summary>
    private void TakeRest(int place, string name, bool isMapped)
    {
        if (_columns[place] is null && _metadataKeys[place] is null)
        {
            if (ImportColumns.Find(name) is { } column && !Columns.Contains(column))
            {
                Columns = Columns.With(column);
                _columns[place] = column;
                HasAliases = true;
            }
            else
            {
                if (name.Length > 0)
                    Tell(ImportColumns.IsCardKey(name) ? _keys : _ignored, ImportNames.Shown(name, place + 1));
                return;
            }
        }
        HasAliases |= isMapped;
        var ours = _columns[place]?.ToWire() ?? ImportNames.Shown(MetadataPrefix + _metadataKeys[place], place + 1);
        if (_read.Count < MaxNames)
            _read.Add(new(ImportNames.Shown(name, place + 1), ours));
    }

    private static void Tell(List<string> names, string name)
    {
        if (names.Count < MaxNames)
            names.Add(name);
    }

    private static Error Twice(string name) =>
        new(ErrorCode.InvalidCombination, $"The file has the column {name} twice. Leave one of them out.", name);
}
