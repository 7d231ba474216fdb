using System.ComponentModel.DataAnnotations;
using Simkeeper.Server.Carriers;

namespace Simkeeper.Server.Operator;

/// <summary>A carrier, its limits and its state.</summary>
/// <example>{"id": "test", "kind": "test", "state": "up", "limits": {"callsPerSecond": 0, "inFlight": 64}}</example>
internal sealed record CarrierAnswerRecord
{
    [RegularExpression(Patterns.Carrier)]
    public required string Id { get; init; }

    [AllowedValues("test", "manual")]
    public required string Kind { get; init; }

    [AllowedValues("up", "away")]
    public required string State { get; init; }

    public required CarrierLimitsAnswer Limits { get; init; }

    public static CarrierAnswerRecord Of(string id, CarrierList carriers)
    {
        var (carrier, governor) = carriers[id];
        return new()
        {
            Id = id,
            Kind = carrier.Kind,
            State = governor.IsAway ? "away" : "up",
            Limits = new() { CallsPerSecond = governor.Limits.CallsPerSecond, InFlight = governor.Limits.InFlight },
        };
    }
}

/// <summary>What a carrier may be asked.</summary>
internal sealed record CarrierLimitsAnswer
{
    /// <summary>Changes a second that it may be asked for, by the clock of the SIMs; 0: no limit.</summary>
    [Range(0, CarrierLimits.CallsPerSecondMax)]
    public required int CallsPerSecond { get; init; }

    /// <summary>Changes sent to it and not yet answered.</summary>
    [Range(1, CarrierLimits.InFlightMax)]
    public required int InFlight { get; init; }
}
