using System.ComponentModel.DataAnnotations;
using Simkeeper.Server.Carriers;

namespace Simkeeper.Server.Operator;

/// <summary>A carrier: what it can do, its limits, its state and what waits for it.</summary>
/// <example>
/// {"id": "test", "kind": "test", "state": "up", "awaySince": null, "capabilities": ["statuses", "reset", "data limit", "commands"],
///  "connected": true, "since": "2026-01-01T00:00:00.000Z", "lastError": null, "limits": {"callsPerSecond": 0, "inFlight": 64},
///  "inFlight": 2, "queued": 0, "oldestWaiting": null}
/// </example>
internal sealed record CarrierAnswerRecord
{
    [RegularExpression(Patterns.Carrier)]
    public required string Id { get; init; }

    public required string Kind { get; init; }

    /// <summary>`away`: it was found to take no changes.</summary>
    [AllowedValues("up", "away")]
    public required string State { get; init; }

    /// <summary>Since when it is away, by the clock of the SIMs.</summary>
    public required DateTimeOffset? AwaySince { get; init; }

    /// <summary>The changes that the carrier can make; any other is refused without asking it.</summary>
    [AllowedValues("statuses", "reset", "data limit", "commands", "eSIM profile", "inventory")]
    public required IReadOnlyList<string> Capabilities { get; init; }

    /// <summary>True while all its connections are up.</summary>
    public required bool Connected { get; init; }

    /// <summary>Since when they are up, or not up, by the wall clock.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The last error of a connection; null: there was none.</summary>
    public required string? LastError { get; init; }

    public required CarrierLimitsAnswer Limits { get; init; }

    /// <summary>Changes that this server has sent and that are not yet answered.</summary>
    [Range(0, int.MaxValue)]
    public required int InFlight { get; init; }

    /// <summary>Changes and Commands that wait to be sent; counted up to 10,000 an org and lane.</summary>
    [Range(0, int.MaxValue)]
    public required long Queued { get; init; }

    /// <summary>When the oldest of those that are counted was asked for, by the clock of the SIMs; null: none waits.</summary>
    public required DateTimeOffset? OldestWaiting { get; init; }
}

/// <summary>The limits on what a carrier is asked.</summary>
internal sealed record CarrierLimitsAnswer
{
    /// <summary>Changes a second that it may be asked for, by the clock of the SIMs; 0: no limit.</summary>
    [Range(0, CarrierLimits.CallsPerSecondMax)]
    public required int CallsPerSecond { get; init; }

    /// <summary>Changes sent to it and not yet answered.</summary>
    [Range(1, CarrierLimits.InFlightMax)]
    public required int InFlight { get; init; }
}
