using System.Text.RegularExpressions;
using Simkeeper.Core.Numbers;

namespace Simkeeper.Core.Sims;

/// <summary>
/// The validated content of one row of an import: a vendor's data of a SIM, except the keys of the card, which are never read.
/// </summary>
public sealed partial record SimCard
{
    /// <summary>The longest friendly name, in characters (Unicode scalar values).</summary>
    public const int MaxFriendlyNameLength = 256;

    /// <summary>The longest registration code, in characters.</summary>
    public const int MaxRegistrationCodeLength = 64;

    /// <summary>The longest id of a user, in characters.</summary>
    public const int MaxUserLength = 64;

    public required Iccid Iccid { get; init; }
    public Imsi? Imsi { get; init; }
    public Msisdn? Msisdn { get; init; }
    public Eid? Eid { get; init; }
    public required SimType Type { get; init; }

    /// <summary>The id of the carrier: 1 to 32 small letters, digits and hyphens.</summary>
    public required string Provider { get; init; }
    public UniqueName? UniqueName { get; init; }
    public string? FriendlyName { get; init; }

    /// <summary>The host name of the SM-DP+ of an eSIM. With the next two it makes an <see cref="Numbers.ActivationCode"/>.</summary>
    public string? SmdpAddress { get; init; }

    /// <summary>The token of the activation code; null where the file has none. Secret.</summary>
    public string? MatchingId { get; init; }
    public bool ConfirmationCodeRequired { get; init; }
    public string? RegistrationCode { get; init; }

    /// <summary>The id of the user who has the SIM.</summary>
    public string? User { get; init; }
    public bool Narrowband { get; init; }
    public IpAddress? IpAddress { get; init; }
    public Metadata Metadata { get; init; } = Metadata.Empty;

    /// <summary>True if the row says which type it is, or has what only an eSIM has.</summary>
    public bool HasType { get; init; }

    /// <summary>True if the row names its carrier itself.</summary>
    public bool HasProvider { get; init; }

    /// <summary>True if the row has a whole activation code, so that an absent matching id is known to be none.</summary>
    public bool HasWholeCode { get; init; }

    /// <summary>Says if this can be the id of a carrier.</summary>
    public static bool IsProvider(string text) => ProviderId().IsMatch(text);

    /// <summary>Validates a row. The error is that of the first bad column and never quotes its value.</summary>
    /// <param name="row">The row as it was read.</param>
    /// <param name="defaultProvider">The carrier of rows that name none; null: each row has to name one.</param>
    /// <param name="refuseLuhn">True to refuse an ICCID with a wrong check digit. Real cards exist that have one.</param>
    public static Result<SimCard> Read(ImportRow row, string? defaultProvider, bool refuseLuhn)
    {
        Error? error = null;
        if (row[ImportColumn.Iccid] is not { } iccidText)
            return Missing(ImportColumn.Iccid, "Every row needs an ICCID.");
        var iccid = Number(iccidText, ImportColumn.Iccid, Iccid.Parse);
        if (iccid.Error is not null)
            return iccid.Error;
        if (refuseLuhn && !iccid.Value.HasValidCheckDigit)
            return Invalid(ImportColumn.Iccid, "The check digit of this ICCID is wrong; at least one of its digits is.");

        var code = Activation(row, ref error);
        var eid = Optional(row, ImportColumn.Eid, Numbers.Eid.Parse, ref error, isNumber: true);
        var type = Optional(row, ImportColumn.Type, SimTypes.Parse, ref error);
        var isEsim = eid is not null || code.Address is not null;
        var card = new SimCard
        {
            Iccid = iccid.Value,
            Imsi = Optional(row, ImportColumn.Imsi, Numbers.Imsi.Parse, ref error, isNumber: true),
            Msisdn = Optional(row, ImportColumn.Msisdn, Numbers.Msisdn.Parse, ref error, isNumber: true),
            Eid = eid,
            Type = type ?? (isEsim ? SimType.ESim : SimType.PSim),
            HasType = type is not null || isEsim,
            Provider = row[ImportColumn.Provider] ?? defaultProvider ?? "",
            HasProvider = row[ImportColumn.Provider] is not null,
            UniqueName = Optional(row, ImportColumn.UniqueName, Sims.UniqueName.Parse, ref error),
            FriendlyName = Short(row, ImportColumn.FriendlyName, MaxFriendlyNameLength, ref error),
            SmdpAddress = code.Address,
            MatchingId = code.MatchingId,
            HasWholeCode = row[ImportColumn.ActivationCode] is not null,
            ConfirmationCodeRequired = code.ConfirmationCodeRequired,
            RegistrationCode = Short(row, ImportColumn.RegistrationCode, MaxRegistrationCodeLength, ref error),
            User = Short(row, ImportColumn.User, MaxUserLength, ref error),
            Narrowband = Flag(row, ImportColumn.Narrowband, ref error) ?? false,
            IpAddress = Optional(row, ImportColumn.IpAddress, Numbers.IpAddress.Parse, ref error),
        };
        error ??= FaultOfProvider(card.Provider) ?? FaultOfActivation(card);
        if (error is not null)
            return error;
        if (row.Metadata is null)
            return card;
        var metadata = Metadata.Empty.Merge(row.Metadata);
        if (metadata.Error is not { } wrong)
            return card with { Metadata = metadata.Value };
        return ImportNames.IsShowable(wrong.Field!) ? wrong : wrong with { Field = "metadata" };
    }

    /// <summary>The SIM that an account gets of this card, new, and without an id and times: see <see cref="Sim.Created"/>.</summary>
    /// <param name="seal">Encrypts the matching id.</param>
    public Sim ToSim(Guid orgId, Guid accountId, Func<string, byte[]> seal) => new()
    {
        OrgId = orgId,
        Id = default,
        AccountId = accountId,
        Iccid = Iccid.Value,
        Imsi = Imsi?.Value,
        Msisdn = Msisdn?.Value,
        Eid = Eid?.Value,
        Type = Type,
        Provider = Provider,
        UniqueName = UniqueName?.Value,
        FriendlyName = FriendlyName,
        StatusSince = default,
        Narrowband = Narrowband,
        RegistrationCode = RegistrationCode,
        User = User,
        IpAddress = IpAddress?.Value,
        Metadata = Metadata,
        SmdpAddress = SmdpAddress,
        SealedMatchingId = MatchingId is null ? null : seal(MatchingId),
        ConfirmationCodeRequired = ConfirmationCodeRequired,
        UpdatedAt = default,
    };

    /// <summary>The ICCID alone, so that a card in a log line shows no token.</summary>
    public override string ToString() => $"SimCard {Iccid}";

    private static Error? FaultOfProvider(string provider)
    {
        if (provider.Length == 0)
            return Missing(ImportColumn.Provider, "No carrier is named. Add the column provider, or give --provider.");
        return IsProvider(provider)
            ? null
            : Invalid(ImportColumn.Provider, "A provider has 1 to 32 characters: small letters, digits, hyphens.");
    }

    private static Error? FaultOfActivation(SimCard card)
    {
        if (card.Type == SimType.PSim && card.Eid is not null)
            return Contradiction(ImportColumn.Eid, "A pSIM has no EID. Leave out eid, or make it an eSIM.");
        if (card.SmdpAddress is null)
        {
            if (card.MatchingId is null && !card.ConfirmationCodeRequired)
                return null;
            var column = card.MatchingId is null ? ImportColumn.ConfirmationCodeRequired : ImportColumn.MatchingId;
            return Contradiction(column, "This is part of an activation code, which also needs a smdp_address.");
        }
        if (card.Type == SimType.PSim)
        {
            var column = card.HasWholeCode ? ImportColumn.ActivationCode : ImportColumn.SmdpAddress;
            return Contradiction(column, $"A pSIM is not downloaded. Leave out {column.ToWire()}, or make it an eSIM.");
        }
        // A whole code was read as one.
        return card.HasWholeCode
            ? null
            : ActivationCode.Create(card.SmdpAddress, card.MatchingId ?? "", null, card.ConfirmationCodeRequired).Error;
    }

    /// <summary>The activation code of a row, from one column or from its parts; where it has both, they have to agree.</summary>
    private static (string? Address, string? MatchingId, bool ConfirmationCodeRequired) Activation(ImportRow row, ref Error? error)
    {
        var (address, matchingId) = (row[ImportColumn.SmdpAddress], row[ImportColumn.MatchingId]);
        var isRequired = Flag(row, ImportColumn.ConfirmationCodeRequired, ref error);
        if (row[ImportColumn.ActivationCode] is not { } text)
            return (address, matchingId, isRequired ?? false);
        var read = ActivationCode.Parse(text);
        if (read.Error is { } wrong)
        {
            error ??= wrong with { Field = ImportColumn.ActivationCode.ToWire() };
            return (null, null, false);
        }
        var code = read.Value;
        if (code.Oid is not null)
            error ??= Invalid(ImportColumn.ActivationCode, "An object identifier in an activation code is not kept. Take it out.");
        ImportColumn? other =
            address is not null && !address.Equals(code.SmdpAddress, StringComparison.OrdinalIgnoreCase) ? ImportColumn.SmdpAddress
            : matchingId is not null && matchingId != code.MatchingId ? ImportColumn.MatchingId
            : isRequired is not null && isRequired != code.ConfirmationCodeRequired ? ImportColumn.ConfirmationCodeRequired
            : null;
        if (other is { } column)
            error ??= Contradiction(column, $"The activation_code of this row has another {column.ToWire()}. Leave one of them out.");
        return (code.SmdpAddress, code.MatchingId.Length == 0 ? null : code.MatchingId, code.ConfirmationCodeRequired);
    }

    private static Result<T> Number<T>(string text, ImportColumn column, Func<string, Result<T>> parse)
    {
        var clean = ImportNumber.Clean(text, column);
        return clean.Error is { } rounded ? rounded : parse(clean.Value);
    }

    private static T? Optional<T>(
        ImportRow row, ImportColumn column, Func<string, Result<T>> parse, ref Error? error, bool isNumber = false)
        where T : struct
    {
        if (row[column] is not { } text)
            return null;
        var result = isNumber ? Number(text, column, parse) : parse(text);
        if (result.Error is null)
            return result.Value;
        error ??= result.Error;
        return null;
    }

    private static string? Short(ImportRow row, ImportColumn column, int maxLength, ref Error? error)
    {
        var text = row[column];
        if (text is null || (Text.IsStorable(text) && Text.Length(text) <= maxLength))
            return text;
        error ??= Invalid(column, $"This column takes at most {maxLength} characters, and no NUL.");
        return null;
    }

    private static bool? Flag(ImportRow row, ImportColumn column, ref Error? error)
    {
        switch (row[column]?.ToLowerInvariant())
        {
            case "true" or "1" or "yes":
                return true;
            case "false" or "0" or "no":
                return false;
            case null:
                return null;
            default:
                error ??= Invalid(column, "This column takes true or false, 1 or 0, yes or no.");
                return null;
        }
    }

    private static Error Invalid(ImportColumn column, string message) =>
        new(ErrorCode.InvalidValue, message, column.ToWire());

    private static Error Missing(ImportColumn column, string message) =>
        new(ErrorCode.MissingValue, message, column.ToWire());

    private static Error Contradiction(ImportColumn column, string message) =>
        new(ErrorCode.InvalidCombination, message, column.ToWire());

    [GeneratedRegex(@"^[a-z0-9-]{1,32}\z")]
    private static partial Regex ProviderId();
}
