using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Sims.Import;

/// <summary>Makes rows of the fields of lines.</summary>
/// <param name="columns">The meaning of the fields.</param>
/// <param name="defaults">The texts of columns in rows that have none; null: there are no such texts.</param>
internal sealed class CardHeader(ImportHeader columns, string?[]? defaults = null)
{
    public const int MaxFieldLength = 4 * 1024;

    public ImportHeader Columns => columns;

    /// <summary>The row that these fields are, or the refusal of a line that has too few, too many or too long ones.</summary>
    public CardLine ToCard(int line, string[] fields)
    {
        if (fields.Length != columns.Count)
            return Refuse(null, $"This line has {fields.Length} fields where the file has {columns.Count} columns.");
        var values = defaults is null ? new string?[ImportColumns.KnownCount] : [.. defaults];
        List<KeyValuePair<string, string?>>? metadata = null;
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i].Length > MaxFieldLength)
                return Refuse(columns.ColumnAt(i), $"A field has at most {MaxFieldLength} characters.");
            if (fields[i].Length == 0)
                continue;
            if (columns.ColumnAt(i) is { } column)
                values[(int)column] = fields[i];
            else if (columns.MetadataKeyAt(i) is { } key)
                (metadata ??= []).Add(new(key, fields[i]));
        }
        return new(new ImportRow(line, values, metadata), null);

        CardLine Refuse(ImportColumn? column, string reason)
        {
            var iccid = Enumerable.Range(0, columns.Count).First(place => columns.ColumnAt(place) == ImportColumn.Iccid);
            return new(null, new(
                line,
                iccid < fields.Length ? Refusal.Shown(fields[iccid].Trim()) : null,
                column?.ToWire(),
                reason));
        }
    }
}
