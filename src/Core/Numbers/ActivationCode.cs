using System.Text.RegularExpressions;

namespace Simkeeper.Core.Numbers;

/// <summary>
/// The server from which a phone downloads an eSIM, and the token for it: <c>LPA:1$host$matching[$oid][$1]</c> (GSMA SGP.22 §4.1). Whoever
/// has the code can install the line, so only <see cref="Reveal"/> shows it.
/// </summary>
public sealed partial record ActivationCode
{
    /// <summary>The longest activation code, in characters, without the <c>LPA:</c> of the QR code.</summary>
    public const int MaxLength = 255;
    private const string QrPrefix = "LPA:";
    private const string CodeFormat = "1";
    private const string ConfirmationFlag = "1";

    private ActivationCode(string smdpAddress, string matchingId, string? oid, bool confirmationCodeRequired)
    {
        SmdpAddress = smdpAddress;
        MatchingId = matchingId;
        Oid = oid;
        ConfirmationCodeRequired = confirmationCodeRequired;
    }

    /// <summary>The host name of the SM-DP+.</summary>
    public string SmdpAddress { get; }

    /// <summary>The token: digits, letters, hyphens. Empty for an SM-DP+ that knows the profile by the EID. Secret.</summary>
    public string MatchingId { get; }

    /// <summary>The object identifier of the SM-DP+, e.g. <c>1.3.6.1.4.1.31746</c>, or null.</summary>
    public string? Oid { get; }

    /// <summary>True if the phone asks the user for a confirmation code, which he got in another way.</summary>
    public bool ConfirmationCodeRequired { get; }

    /// <summary>Makes a code of its parts. Errors name <c>smdp_address</c> or <c>matching_id</c> and never quote the latter.</summary>
    public static Result<ActivationCode> Create(
        string smdpAddress, string matchingId = "", string? oid = null, bool confirmationCodeRequired = false)
    {
        if (smdpAddress.Length > MaxLength || !HostName().IsMatch(smdpAddress))
            return Invalid("An SM-DP+ address is a host name such as smdp.example.com, without scheme, port and path.", "smdp_address");
        if (matchingId.Length > MaxLength || !Token().IsMatch(matchingId))
            return Invalid("A matching id is made of digits, letters and hyphens.", "matching_id");
        if (oid is not null && (oid.Length > MaxLength || !ObjectIdentifier().IsMatch(oid)))
            return Invalid("The object identifier of an SM-DP+ is numbers with dots between them.");
        var code = new ActivationCode(smdpAddress, matchingId, oid, confirmationCodeRequired);
        if (code.Reveal().Length - QrPrefix.Length > MaxLength)
            return Invalid("An activation code has at most 255 characters.", "matching_id");
        return code;
    }

    /// <summary>Reads an activation code, with or without <c>LPA:</c>.</summary>
    public static Result<ActivationCode> Parse(string text)
    {
        var code = text.StartsWith(QrPrefix, StringComparison.OrdinalIgnoreCase) ? text[QrPrefix.Length..] : text;
        if (code.Length > MaxLength)
            return Invalid("An activation code has at most 255 characters.");
        return code.Split('$') switch
        {
            [CodeFormat, var host, var token] => Create(host, token),
            [CodeFormat, var host, var token, var oid] => Create(host, token, oid),
            [CodeFormat, var host, var token, var oid, ConfirmationFlag] => Create(host, token, oid.Length == 0 ? null : oid, true),
            _ => Invalid("An activation code reads LPA:1$host$matching-id, with an object identifier and a final $1 where needed."),
        };
    }

    /// <summary>The whole code in the clear, for a QR code or a link.</summary>
    public string Reveal() =>
        $"{QrPrefix}{CodeFormat}${SmdpAddress}${MatchingId}"
        + (Oid is not null || ConfirmationCodeRequired ? $"${Oid}" : "")
        + (ConfirmationCodeRequired ? $"${ConfirmationFlag}" : "");

    /// <summary>The code without its token: safe to log.</summary>
    public override string ToString() => $"{QrPrefix}{CodeFormat}${SmdpAddress}$…";

    private static Error Invalid(string message, string field = "activation_code") => new(ErrorCode.InvalidValue, message, field);

    [GeneratedRegex(@"^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])\z")]
    private static partial Regex HostName();

    [GeneratedRegex(@"^[0-9A-Za-z-]*\z")]
    private static partial Regex Token();

    [GeneratedRegex(@"^[0-9]+(\.[0-9]+)+\z")]
    private static partial Regex ObjectIdentifier();
}
