using System.ComponentModel.DataAnnotations;
using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Sims;

namespace Simkeeper.Server.Operator;

/// <summary>An immutable fact about a SIM or a webhook endpoint; one for each committed change.</summary>
/// <example>
/// {"id": "evt_0324sy29EP4ovq3br2TCSY", "type": "sim.updated", "at": "2026-01-05T06:07:09.101Z",
///  "sim": "DE019b7ca98f2e70018a3c4e5f60718293", "account": "AC00000000000000000000000000000001",
///  "actor": {"kind": "operator", "sid": "opk_0323hIJOMWjoqRYRyptLUp", "address": "192.0.2.1"},
///  "operation": "op_0324sy29EP4ovq3br2TCSX", "data": {"previous": {"status": "ready"}, "updated": {"status": "active"}}}
/// </example>
internal sealed record EventAnswer
{
    /// <summary>Every type of event: those of SIMs and of webhook endpoints.</summary>
    public static readonly IReadOnlyList<string> Types = [.. EventTypes.All, "webhook_endpoint.enabled", "webhook_endpoint.disabled"];

    [RegularExpression(Patterns.Event)]
    public required string Id { get; init; }

    public required string Type { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Null where it is about a webhook endpoint.</summary>
    [RegularExpression(Patterns.SimSid)]
    public required string? Sim { get; init; }

    [RegularExpression(Patterns.Account)]
    public required string Account { get; init; }

    public required ActorAnswer Actor { get; init; }

    /// <summary>The operation that it opened or ended, null without one.</summary>
    [RegularExpression(Patterns.Operation)]
    public required string? Operation { get; init; }

    /// <summary>
    /// The fields that changed, without secrets, as `previous` and `updated`: values by name, null is none, `metadata` and `hooks` are
    /// maps. Both are empty where an operation ended and changed nothing.
    /// </summary>
    public required RawJson Data { get; init; }

    public static EventAnswer Of(SimEvent happened) => new()
    {
        Id = Ids.ToBase62("evt", happened.Id),
        Type = happened.Type,
        At = Ids.CreatedAt(happened.Id),
        Sim = happened.SimId == Guid.Empty ? null : Ids.ToSid("DE", happened.SimId),
        Account = Ids.ToSid("AC", happened.AccountId),
        Actor = new() { Kind = happened.Actor.Kind, Sid = happened.Actor.Sid, Address = happened.Actor.Address },
        Operation = happened.OperationId is { } operation ? Ids.ToBase62("op", operation) : null,
        Data = new(happened.Data),
    };
}

/// <summary>The one who asked for a change.</summary>
internal sealed record ActorAnswer
{
    [AllowedValues("account", "operator", "system")]
    public required string Kind { get; init; }

    /// <summary>Public id of the account or key, null for the system.</summary>
    public required string? Sid { get; init; }

    /// <summary>IP address of the caller, null for the system.</summary>
    public required string? Address { get; init; }
}
