using System.Text.RegularExpressions;

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

/// <summary>The names of the columns, as files and errors spell them.</summary>
public static class ImportColumnNames
{
    public static readonly Words<ImportColumn> Words = new(ToWire);

    public static string ToWire(this ImportColumn column) => column switch
    {
        ImportColumn.Iccid => "iccid",
        ImportColumn.Imsi => "imsi",
        ImportColumn.Msisdn => "msisdn",
        ImportColumn.Eid => "eid",
        ImportColumn.Type => "type",
        ImportColumn.Provider => "provider",
        ImportColumn.UniqueName => "unique_name",
        ImportColumn.FriendlyName => "friendly_name",
        ImportColumn.SmdpAddress => "smdp_address",
        ImportColumn.MatchingId => "matching_id",
        ImportColumn.ConfirmationCodeRequired => "confirmation_code_required",
        ImportColumn.RegistrationCode => "registration_code",
        ImportColumn.User => "user",
        ImportColumn.Narrowband => "narrowband",
        ImportColumn.IpAddress => "ip_address",
    };
}

/// <summary>The set of columns that a file has. A column that it lacks is not compared when the file is imported again.</summary>
public readonly partial record struct ImportColumns
{
    /// <summary>The number of known columns.</summary>
    public static readonly int KnownCount = Enum.GetValues<ImportColumn>().Length;

    private readonly int _bits;

    private ImportColumns(int bits) => _bits = bits;

    public bool Contains(ImportColumn column) => (_bits & (1 << (int)column)) != 0;

    public ImportColumns With(ImportColumn column) => new(_bits | (1 << (int)column));

    /// <summary>The column of this name in any case of letters, or null.</summary>
    public static ImportColumn? Find(string name) => ImportColumnNames.Words.Find(name.ToLowerInvariant());

    /// <summary>
    /// Says of a column that it has what opens a card: Ki, OP, OPc, PIN, PUK, CHV, ADM, the OTA and SCP keys, "Code ADM", "pin_adm". It is
    /// never read.
    /// </summary>
    public static bool IsCardKey(string name) => CardKey().IsMatch(name);

    [GeneratedRegex("(^|[^a-z])(e?ki|k|opc?|pin|puk|adm|chv|kic|kid|kik|scp)[0-9]*($|[^a-z])", RegexOptions.IgnoreCase)]
    private static partial Regex CardKey();
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
