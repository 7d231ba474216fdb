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

    /// <summary>The columns that the file has: only these may be compared with a SIM that is already stored.</summary>
    public required ImportColumns Columns { get; init; }

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
        var iccid = Iccid.Parse(iccidText);
        if (iccid.Error is not null)
            return iccid.Error;
        if (refuseLuhn && !iccid.Value.HasValidCheckDigit)
            return Invalid(ImportColumn.Iccid, "The check digit of this ICCID is wrong; at least one of its digits is.");

        var smdpAddress = row[ImportColumn.SmdpAddress];
        var matchingId = row[ImportColumn.MatchingId];
        var card = new SimCard
        {
            Columns = row.Columns,
            Iccid = iccid.Value,
            Imsi = Optional(row, ImportColumn.Imsi, Numbers.Imsi.Parse, ref error),
            Msisdn = Optional(row, ImportColumn.Msisdn, Numbers.Msisdn.Parse, ref error),
            Eid = Optional(row, ImportColumn.Eid, Numbers.Eid.Parse, ref error),
            Type = Optional(row, ImportColumn.Type, SimTypes.Parse, ref error) ?? (smdpAddress is null ? SimType.PSim : SimType.ESim),
            Provider = row[ImportColumn.Provider] ?? defaultProvider ?? "",
            UniqueName = Optional(row, ImportColumn.UniqueName, Sims.UniqueName.Parse, ref error),
            FriendlyName = Short(row, ImportColumn.FriendlyName, MaxFriendlyNameLength, ref error),
            SmdpAddress = smdpAddress,
            MatchingId = matchingId,
            ConfirmationCodeRequired = Flag(row, ImportColumn.ConfirmationCodeRequired, ref error),
            RegistrationCode = Short(row, ImportColumn.RegistrationCode, MaxRegistrationCodeLength, ref error),
            User = Short(row, ImportColumn.User, MaxUserLength, ref error),
            Narrowband = Flag(row, ImportColumn.Narrowband, ref error),
            IpAddress = Optional(row, ImportColumn.IpAddress, Numbers.IpAddress.Parse, ref error),
        };
        error ??= FaultOfProvider(card.Provider) ?? FaultOfActivation(card);
        if (error is not null)
            return error;
        if (row.Metadata is null)
            return card;
        var metadata = Metadata.Empty.Merge(row.Metadata);
        return metadata.Error is null ? card with { Metadata = metadata.Value } : metadata.Error;
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
        if (card.SmdpAddress is null)
        {
            if (card.MatchingId is null && !card.ConfirmationCodeRequired)
                return null;
            var column = card.MatchingId is null ? ImportColumn.ConfirmationCodeRequired : ImportColumn.MatchingId;
            return Contradiction(column, "This is part of an activation code, which also needs a smdp_address.");
        }
        return card.Type == SimType.PSim
            ? Contradiction(ImportColumn.SmdpAddress, "A pSIM is not downloaded. Leave out smdp_address, or make it an eSIM.")
            : ActivationCode.Create(card.SmdpAddress, card.MatchingId ?? "", null, card.ConfirmationCodeRequired).Error;
    }

    private static T? Optional<T>(ImportRow row, ImportColumn column, Func<string, Result<T>> parse, ref Error? error)
        where T : struct
    {
        if (row[column] is not { } text)
            return null;
        var result = parse(text);
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

    private static bool Flag(ImportRow row, ImportColumn column, ref Error? error)
    {
        switch (row[column]?.ToLowerInvariant())
        {
            case "true" or "1" or "yes":
                return true;
            case null or "false" or "0" or "no":
                return false;
            default:
                error ??= Invalid(column, "This column takes true or false, 1 or 0, yes or no.");
                return false;
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
