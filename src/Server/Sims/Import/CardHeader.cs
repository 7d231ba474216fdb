using Simkeeper.Core;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Sims.Import;

/// <summary>The meaning of a file's columns; makes a row of the fields of a line.</summary>
internal sealed class CardHeader
{
    public const int MaxFieldLength = 4 * 1024;
    private const int MaxShownName = 64;
    private const string MetadataPrefix = "metadata.";

    private readonly ImportColumn?[] _columns;
    private readonly string?[] _metadataKeys;
    private readonly List<string> _unknown = [];

    private CardHeader(int count)
    {
        _columns = new ImportColumn?[count];
        _metadataKeys = new string?[count];
    }

    public ImportColumns Columns { get; private set; }

    public IReadOnlyList<string> UnknownColumns => _unknown;

    /// <summary>Fails where there is no column iccid, where a column comes twice, or where a metadata key is not acceptable.</summary>
    public static Result<CardHeader> Read(IReadOnlyList<string> names)
    {
        var header = new CardHeader(names.Count);
        for (var i = 0; i < names.Count; i++)
        {
            if (header.Take(i, names[i].Trim()) is { } error)
                return error;
        }
        return header.Columns.Contains(ImportColumn.Iccid)
            ? header
            : new Error(ErrorCode.MissingValue, "The file has no column iccid. Name the columns ahead of the cards.", "iccid");
    }

    /// <summary>The row that these fields are, or the refusal of a line that has too few, too many or too long ones.</summary>
    public CardLine ToCard(int line, string[] fields)
    {
        if (fields.Length != _columns.Length)
            return Refuse(null, $"This line has {fields.Length} fields where the file has {_columns.Length} columns.");
        var values = new string?[ImportColumns.KnownCount];
        List<KeyValuePair<string, string?>>? metadata = null;
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i].Length > MaxFieldLength)
                return Refuse(_columns[i], $"A field has at most {MaxFieldLength} characters.");
            if (_columns[i] is { } column)
                values[(int)column] = fields[i];
            else if (_metadataKeys[i] is { } key && fields[i].Length > 0)
                (metadata ??= []).Add(new(key, fields[i]));
        }
        return new(new ImportRow(line, Columns, values, metadata), null);

        CardLine Refuse(ImportColumn? column, string reason)
        {
            var iccid = Array.IndexOf(_columns, ImportColumn.Iccid);
            return new(null, new(
                line,
                iccid < fields.Length ? Refusal.Shown(fields[iccid].Trim()) : null,
                column?.ToWire(),
                reason));
        }
    }

    private Error? Take(int index, string name)
    {
        if (ImportColumns.Find(name) is { } column)
        {
            if (Columns.Contains(column))
                return Twice(column.ToWire());
            Columns = Columns.With(column);
            _columns[index] = column;
        }
        else if (ImportColumns.IsCardKey(name))
        {
            return null;
        }
        else if (name.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase))
        {
            var key = name[MetadataPrefix.Length..];
            if (Metadata.Empty.Merge([new(key, "")]).Error is { } error)
                return error;
            if (_metadataKeys.Contains(key))
                return Twice(MetadataPrefix + key);
            _metadataKeys[index] = key;
        }
        else if (name.Length > 0)
        {
            _unknown.Add(name.Length > MaxShownName ? name[..MaxShownName] + "…" : name);
        }
        return null;
    }

    private static Error Twice(string name) =>
        new(ErrorCode.InvalidCombination, $"The file has the column {name} twice. Leave one of them out.", name);
}
