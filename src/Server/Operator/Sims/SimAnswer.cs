using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Operator;

/// <summary>Everything about a SIM but its secrets.</summary>
/// <example>
/// {"sid": "DE019b7ca98f2e70018a3c4e5f60718293", "id": "sim_03236SRvZBGPbJrvzXPG3n", "account": "AC00000000000000000000000000000001",
///  "project": "sandbox", "iccid": "8942424242000000019", "imsi": "001019000000001", "msisdn": "999000000000001",
///  "eid": "89049032000000000000000000000163", "type": "eSIM", "provider": "test", "status": "new", "shown": "updating",
///  "resetting": false, "dataBlocked": false, "gigsStatus": "inactive", "uniqueName": "truck-7", "friendlyName": "Truck 7",
///  "ratePlan": "WP00000000000000000000000000000001", "narrowband": false, "user": null, "ipAddress": null,
///  "metadata": {"batch": "2026-01"}, "esimProfile": {"status": "installed", "updatedAt": "2026-01-04T05:06:07.000Z"},
///  "smdpAddress": "smdp.example.com", "confirmationCodeRequired": false, "createdAt": "2026-01-02T03:04:05.678Z",
///  "updatedAt": "2026-01-05T06:07:08.901Z", "version": 3}
/// </example>
internal sealed record SimAnswer
{
    /// <summary>The SIM as a SID.</summary>
    [RegularExpression(Patterns.SimSid)]
    public required string Sid { get; init; }

    /// <summary>The same SIM in base62.</summary>
    [RegularExpression(Patterns.SimId)]
    public required string Id { get; init; }

    [RegularExpression(Patterns.Account)]
    public required string Account { get; init; }

    /// <summary>The account's project slug.</summary>
    [RegularExpression(Patterns.Project)]
    public required string Project { get; init; }

    /// <summary>ITU-T E.118, without filler.</summary>
    [RegularExpression(Patterns.Iccid)]
    public required string Iccid { get; init; }

    /// <summary>3GPP TS 23.003 chapter 2.2.</summary>
    [RegularExpression(Patterns.Imsi)]
    public required string? Imsi { get; init; }

    /// <summary>ITU-T E.164, without +.</summary>
    [RegularExpression(Patterns.Msisdn)]
    public required string? Msisdn { get; init; }

    /// <summary>GSMA SGP.29.</summary>
    [RegularExpression(Patterns.Eid)]
    public required string? Eid { get; init; }

    [AllowedValues("eSIM", "pSIM")]
    public required string Type { get; init; }

    /// <summary>Id of the carrier.</summary>
    [RegularExpression(Patterns.Carrier)]
    public required string Provider { get; init; }

    /// <summary>The settled status, the one the network has.</summary>
    public required SimStatus Status { get; init; }

    /// <summary>The status that is shown: `updating` or `scheduled` while a status operation is open.</summary>
    [AllowedValues("new", "ready", "active", "suspended", "deactivated", "canceled", "updating", "scheduled")]
    public required string Shown { get; init; }

    /// <summary>True while a connectivity reset is open.</summary>
    public required bool Resetting { get; init; }

    /// <summary>True while its carrier blocks data because a limit of its plan was reached.</summary>
    public required bool DataBlocked { get; init; }

    /// <summary>The settled status in the words of the dialect that names only three.</summary>
    [AllowedValues("inactive", "active", "retired")]
    [JsonPropertyName("gigsStatus")]
    public required string DialectStatus { get; init; }

    [StringLength(64, MinimumLength = 1)]
    public required string? UniqueName { get; init; }

    public required string? FriendlyName { get; init; }

    [RegularExpression(Patterns.RatePlan)]
    public required string? RatePlan { get; init; }

    public required bool Narrowband { get; init; }

    /// <summary>The user it belongs to.</summary>
    public required string? User { get; init; }

    public required string? IpAddress { get; init; }

    /// <summary>The customer's own notes: at most 10 keys of 1 to 40 characters, with values of up to 255.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>The profile on the device, null for a pSIM.</summary>
    public required EsimProfileAnswer? EsimProfile { get; init; }

    /// <summary>Host of the SM-DP+, GSMA SGP.22; null for a pSIM.</summary>
    public required string? SmdpAddress { get; init; }

    /// <summary>True if installing asks for a confirmation code.</summary>
    public required bool ConfirmationCodeRequired { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Grows with every change.</summary>
    [Range(0, int.MaxValue)]
    public required long Version { get; init; }
}

/// <summary>The state of an eSIM profile on its device.</summary>
internal sealed record EsimProfileAnswer
{
    [AllowedValues("deleted", "disabled", "enabled", "installed", "unknown")]
    public required string Status { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}
