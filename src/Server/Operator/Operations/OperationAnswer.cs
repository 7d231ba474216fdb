using System.ComponentModel.DataAnnotations;
using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Operator;

/// <summary>An accepted asynchronous change of one SIM.</summary>
/// <example>
/// {"id": "op_0324sy29EP4ovq3br2TCSX", "sim": "DE019b7ca98f2e70018a3c4e5f60718293", "account": "AC00000000000000000000000000000001",
///  "carrier": "lab", "kind": "status", "wanted": "active", "state": "open", "attempts": 1, "waitingFor": "operator",
///  "nextTry": "2026-01-06T06:07:08.901Z", "deadline": "2026-01-06T06:07:08.901Z", "lastError": null,
///  "createdAt": "2026-01-05T06:07:08.901Z", "endedAt": null}
/// </example>
internal sealed record OperationAnswer
{
    [RegularExpression(Patterns.Operation)]
    public required string Id { get; init; }

    [RegularExpression(Patterns.SimSid)]
    public required string Sim { get; init; }

    [RegularExpression(Patterns.Account)]
    public required string Account { get; init; }

    [RegularExpression(Patterns.Carrier)]
    public required string Carrier { get; init; }

    public required OperationKind Kind { get; init; }

    /// <summary>The status wanted, null for a reset.</summary>
    [AllowedValues("ready", "active", "suspended", "deactivated")]
    public required SimStatus? Wanted { get; init; }

    public required OperationState State { get; init; }

    [Range(0, int.MaxValue)]
    public required int Attempts { get; init; }

    /// <summary>The thing it waits for; null once it has ended.</summary>
    [AllowedValues("carrier", "carrier away", "operator")]
    public required string? WaitingFor { get; init; }

    public required DateTimeOffset? NextTry { get; init; }

    /// <summary>When it expires; moves on by the time that the carrier was away.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>The error of the last attempt.</summary>
    public required string? LastError { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? EndedAt { get; init; }

    public static OperationAnswer Of(Operation operation) => new()
    {
        Id = Ids.ToBase62("op", operation.Id),
        Sim = Ids.ToSid("DE", operation.SimId),
        Account = Ids.ToSid("AC", operation.AccountId),
        Carrier = operation.Carrier,
        Kind = operation.Kind,
        Wanted = operation.Wanted,
        State = operation.State,
        Attempts = operation.Attempts,
        WaitingFor = operation.WaitingFor,
        NextTry = operation.NextTry,
        Deadline = operation.Deadline,
        LastError = operation.LastError,
        CreatedAt = operation.CreatedAt,
        EndedAt = operation.EndedAt,
    };
}
