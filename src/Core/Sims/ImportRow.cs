namespace Simkeeper.Core.Sims;

/// <summary>The columns of an import that hold a value of a SIM, except <c>metadata.*</c>.</summary>
public enum ImportColumn
{
    Iccid,
    Imsi,
    Msisdn,
    Eid,
    Type,
    Provider,
    UniqueName,
    FriendlyName,
    SmdpAddress,
    MatchingId,
    ConfirmationCodeRequired,
    RegistrationCode,
    User,
    Narrowband,
    IpAddress,
}

/// <summary>The set of columns that a file has. A column that it lacks is not compared when the file is imported again.</summary>
public readonly record struct ImportColumns
{
    /// <summary>The number of known columns.</summary>
    public const int KnownCount = (int)ImportColumn.IpAddress + 1;

    private static readonly string[] Names =
    [
        "iccid", "imsi", "msisdn", "eid", "type", "provider", "unique_name", "friendly_name", "smdp_address", "matching_id",
        "confirmation_code_required", "registration_code", "user", "narrowband", "ip_address",
    ];

    private readonly int _bits;

    private ImportColumns(int bits) => _bits = bits;

    public bool Contains(ImportColumn column) => (_bits & (1 << (int)column)) != 0;

    public ImportColumns With(ImportColumn column) => new(_bits | (1 << (int)column));

    /// <summary>The name of a column as files and errors spell it.</summary>
    public static string NameOf(ImportColumn column) => Names[(int)column];

    /// <summary>The column of this name in any case of letters, or null.</summary>
    public static ImportColumn? Find(string name)
    {
        var index = Array.FindIndex(Names, known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : (ImportColumn)index;
    }
}

/// <summary>One row of an import as it was read, not yet validated.</summary>
/// <param name="line">The line on which it starts, counted from 1 with the first line of the file.</param>
/// <param name="columns">The columns of the file.</param>
/// <param name="values">The texts by <see cref="ImportColumn"/>; null where the file has none.</param>
/// <param name="metadata">The metadata cells that are not empty; null: there are none.</param>
public sealed class ImportRow(
    int line, ImportColumns columns, string?[] values, IReadOnlyList<KeyValuePair<string, string?>>? metadata = null)
{
    public int Line => line;

    public ImportColumns Columns => columns;

    public IReadOnlyList<KeyValuePair<string, string?>>? Metadata => metadata;

    /// <summary>The text of a column without the blanks around it; null: there is no other text.</summary>
    public string? this[ImportColumn column] => values[(int)column]?.Trim() is { Length: > 0 } text ? text : null;
}
