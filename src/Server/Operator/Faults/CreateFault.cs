using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Clock;

namespace Simkeeper.Server.Operator;

/// <summary>Puts a fault in force.</summary>
/// <remarks>From now on a carrier behaves badly. At most 100; refused with 409 beyond, and outside a sandbox.</remarks>
internal static class CreateFault
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/faults", RunAsync).Answers(201).CanFail(ProblemCode.StateForbids);

    private static async Task<Answer<FaultAnswer>> RunAsync(
        Body<NewFault> body, Carriers.Faults faults, CarrierList carriers, IdGenerator ids, SimClock clock)
    {
        var asked = body.Value;
        if (!carriers.Has(asked.Carrier))
            return Problem.Invalid("carrier", "carrier is the id of a carrier that the settings name, or test.");
        var now = clock.Now;
        var fault = new Fault(
            ids.Next(), asked.Name, asked.Carrier, asked.Kind, now, now + asked.For, asked.Count, asked.Code, asked.Delay, asked.Seed);
        return await faults.AddAsync(fault)
            ? FaultAnswer.Of(fault)
            : Problem.StateForbids($"There are {Carriers.Faults.Max} faults. Clear them first.");
    }
}

/// <summary>A fault that a carrier is to have.</summary>
/// <example>{"carrier": "test", "kind": "refuse", "code": 4711, "count": 3}</example>
internal sealed record NewFault : IReadJson<NewFault>
{
    public const int NameMax = 64;

    /// <summary>Id of a configured carrier; without it `test`.</summary>
    [RegularExpression(Patterns.Carrier)]
    public required string Carrier { get; init; }

    /// <summary>
    /// `down`: takes no changes; `slow`: answers late; `refuse`: refuses; `lost`: makes the change, its answer is lost; `twice`: answers
    /// twice.
    /// </summary>
    public required FaultKind Kind { get; init; }

    /// <summary>The fault's duration, by the clock of the SIMs; without it until cleared.</summary>
    public required TimeSpan? For { get; init; }

    /// <summary>The number of calls that it hits; without it all.</summary>
    public required int? Count { get; init; }

    /// <summary>The code of a refusal; without it 33000.</summary>
    public required int? Code { get; init; }

    /// <summary>The delay of a slow answer; required for `slow`.</summary>
    public required TimeSpan? Delay { get; init; }

    /// <summary>Hits about every other call, by chance that this number replays.</summary>
    public required int? Seed { get; init; }

    /// <summary>For people.</summary>
    [StringLength(NameMax)]
    public required string? Name { get; init; }

    public static NewFault Read(JsonFields fields)
    {
        var fault = new NewFault
        {
            Carrier = fields.Text("carrier") ?? "test",
            Kind = fields.Word<FaultKind>("kind", required: true) ?? default,
            Delay = fields.Duration("delay"),
            Name = fields.Text("name"),
            For = fields.Duration("for"),
            Count = (int?)fields.Number("count", 1, int.MaxValue),
            Code = (int?)fields.Number("code", 1, 999_999),
            Seed = (int?)fields.Number("seed", 0, int.MaxValue),
        };
        if (fault is { Kind: FaultKind.Slow, Delay: null })
            fields.Refuse(new Error(ErrorCode.MissingValue, "delay is required.", "delay"));
        if (fault.Name?.Length > NameMax)
            fields.Refuse("name", $"name has at most {NameMax} characters.");
        return fault;
    }
}
