using System.ComponentModel.DataAnnotations;
using Simkeeper.Core;
using Simkeeper.Server.Carriers;

namespace Simkeeper.Server.Operator;

/// <summary>A fault of a carrier of the sandbox.</summary>
/// <example>
/// {"id": "flt_0324sy29EP4ovq3br2TCSZ", "name": null, "carrier": "test", "kind": "down", "until": "2026-01-05T06:17:08.901Z", "count":
/// null,  "code": null, "delay": null, "seed": null}
/// </example>
internal sealed record FaultAnswer
{
    [RegularExpression(Patterns.Fault)]
    public required string Id { get; init; }

    [StringLength(NewFault.NameMax)]
    public required string? Name { get; init; }

    [RegularExpression(Patterns.Carrier)]
    public required string Carrier { get; init; }

    /// <summary>
    /// `down`: takes no changes; `slow`: answers late; `refuse`: refuses; `lost`: makes the change, its answer is lost; `twice`: answers
    /// twice.
    /// </summary>
    public required FaultKind Kind { get; init; }

    /// <summary>By the clock of the SIMs; null: until cleared.</summary>
    public required DateTimeOffset? Until { get; init; }

    /// <summary>Calls that it will still hit; null: all.</summary>
    [Range(0, int.MaxValue)]
    public required int? Count { get; init; }

    /// <summary>The code of a refusal.</summary>
    public required int? Code { get; init; }

    /// <summary>The delay of a slow answer.</summary>
    [RegularExpression(Patterns.Duration)]
    public required TimeSpan? Delay { get; init; }

    /// <summary>The number that replays the chance by which calls are hit; null: every call is.</summary>
    public required int? Seed { get; init; }

    public static FaultAnswer Of(Fault fault) => new()
    {
        Id = Ids.ToBase62("flt", fault.Id),
        Name = fault.Name,
        Carrier = fault.Carrier,
        Kind = fault.Kind,
        Until = fault.Until,
        Count = fault.Count,
        Code = fault.Code,
        Delay = fault.Delay,
        Seed = fault.Seed,
    };
}
