using System.Collections.Frozen;
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

    /// <summary>A whole activation code, <c>LPA:1$…</c>; it stands for an address, a matching id and a flag.</summary>
    ActivationCode,
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
        ImportColumn.ActivationCode => "activation_code",
    };
}

/// <summary>The set of columns that a file has.</summary>
public readonly partial record struct ImportColumns
{
    /// <summary>The number of known columns.</summary>
    public static readonly int KnownCount = Enum.GetValues<ImportColumn>().Length;

    private static readonly FrozenDictionary<string, ImportColumn> ByName = Enum.GetValues<ImportColumn>()
        .SelectMany(column => Aliases(column).Append(column.ToWire()).Select(name => (Name: Bare(name), column)))
        .ToFrozenDictionary(pair => pair.Name, pair => pair.column);

    private readonly int _bits;

    private ImportColumns(int bits) => _bits = bits;

    public bool Contains(ImportColumn column) => (_bits & (1 << (int)column)) != 0;

    public ImportColumns With(ImportColumn column) => new(_bits | (1 << (int)column));

    /// <summary>
    /// The column that a name stands for, or null. Letters and digits count, in any case, and the names that vendors and spreadsheets give
    /// are known: <c>ICCID Number</c>, <c>Ser_nb</c>, <c>IMSI1</c>, <c>SM-DP+ Address</c>.
    /// </summary>
    public static ImportColumn? Find(string name) => ByName.TryGetValue(Bare(name), out var column) ? column : null;

    /// <summary>
    /// Says of a column that it has what opens a card: Ki, OP, OPc, PIN, PUK, CHV, ADM, the OTA and SCP keys, "Code ADM", "pin_adm". It is
    /// never read.
    /// </summary>
    public static bool IsCardKey(string name) => CardKey().IsMatch(name);

    /// <summary>Names that can mean nothing else: a wrong guess refuses every row of a file.</summary>
    private static string[] Aliases(ImportColumn column) => column switch
    {
        ImportColumn.Iccid => ["icc", "iccidnumber", "iccidno", "iccnumber", "iccno", "ccid", "simiccid", "sernb", "simserialnumber"],
        ImportColumn.Imsi => ["imsi1", "imsinumber", "imsino"],
        ImportColumn.Msisdn => ["msisdn1", "msisdnnumber", "msisdnno"],
        ImportColumn.Eid => ["euiccid", "eidnumber"],
        ImportColumn.SmdpAddress => ["smdp", "smdpplus", "smdpplusaddress", "smdphost", "smdpserver"],
        ImportColumn.MatchingId => ["matchid"],
        ImportColumn.ActivationCode => ["ac", "lpa", "lpacode", "lpastring", "esimactivationcode"],
        _ => [],
    };

    private static string Bare(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    [GeneratedRegex(
        "(^|[^a-z])(e?ki|k|opc?|pin|puk|adm|chv|kic|kid|kik|dek|scp)[ _-]?[0-9]*(code|key|value|enc)?[0-9]*($|[^a-z])",
        RegexOptions.IgnoreCase)]
    private static partial Regex CardKey();
}

/// <summary>One row of an import as it was read, not yet validated.</summary>
/// <param name="line">The line on which it starts, counted from 1 with the first line of the file.</param>
/// <param name="values">The texts by <see cref="ImportColumn"/>; null where the file has none.</param>
/// <param name="metadata">The metadata cells that are not empty; null: there are none.</param>
public sealed class ImportRow(int line, string?[] values, IReadOnlyList<KeyValuePair<string, string?>>? metadata = null)
{
    public int Line => line;

    public IReadOnlyList<KeyValuePair<string, string?>>? Metadata => metadata;

    /// <summary>The text of a column without the blanks around it; null: there is no other text.</summary>
    public string? this[ImportColumn column] => values[(int)column]?.Trim() is { Length: > 0 } text ? text : null;
}
