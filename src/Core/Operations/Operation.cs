using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Operations;

/// <summary>The thing that an operation changes at the carrier.</summary>
public enum OperationKind
{
    /// <summary>The status, and the rate plan that came with it.</summary>
    Status,

    /// <summary>A connectivity reset: detach and reattach.</summary>
    Reset,
}

/// <summary>The state of an operation. All but <see cref="Open"/> are ends.</summary>
public enum OperationState
{
    Open,
    Done,
    Refused,
    Expired,
    Withdrawn,
}

/// <summary>The cause of a change: who asked for it. Part of every event.</summary>
/// <param name="Kind"><c>account</c> (a dialect's caller), <c>operator</c>, or <c>system</c> (timers, thresholds).</param>
/// <param name="Sid">The account's or key's public id, or null for the system.</param>
/// <param name="Address">The caller's IP address, or null for the system.</param>
public sealed record Actor(string Kind, string? Sid, string? Address)
{
    /// <summary>The server itself: timers and thresholds.</summary>
    public static readonly Actor System = new("system", null, null);
}

/// <summary>An accepted asynchronous change of one SIM. A SIM has at most one open operation.</summary>
public sealed record Operation
{
    public required Guid OrgId { get; init; }

    /// <summary>UUIDv7; the carrier gets it as idempotency key.</summary>
    public required Guid Id { get; init; }

    public required Guid SimId { get; init; }
    public required Guid AccountId { get; init; }
    public required string Carrier { get; init; }
    public required OperationKind Kind { get; init; }

    /// <summary>The status asked for; null for a reset.</summary>
    public SimStatus? Wanted { get; init; }

    /// <summary>True when a rate plan change settles together with the status.</summary>
    public bool ChangesPlan { get; init; }

    /// <summary>The plan to set at the end; null removes the plan.</summary>
    public Guid? PlanId { get; init; }

    public OperationState State { get; init; }
    public int Attempts { get; init; }

    /// <summary>The cause of the wait: <c>carrier</c>, <c>carrier away</c> or <c>operator</c>; null once it has ended.</summary>
    public string? WaitingFor { get; init; }

    public DateTimeOffset? NextTry { get; init; }

    /// <summary>The time at which it expires. It moves on while the carrier is away.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>The carrier's answer to the last attempt was lost: the real state is read back before the next.</summary>
    public bool Uncertain { get; init; }

    /// <summary>The time since which every attempt has found the carrier away; null: the last one reached it.</summary>
    public DateTimeOffset? AwaySince { get; init; }

    public string? LastError { get; init; }

    public Callback? Callback { get; init; }
    public required Actor Actor { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public long Version { get; init; } = 1;

    public DateTimeOffset CreatedAt => Ids.CreatedAt(Id);

    /// <summary>The step of the next call: the carrier may have done it, is working on it, or knows nothing of it.</summary>
    public CallStep NextStep => this switch
    {
        { Uncertain: true } => CallStep.ReadBack,
        { Attempts: > 0, AwaySince: null } => CallStep.Poll,
        _ => CallStep.First,
    };

    /// <summary>True for an operation that blocks a SIM: it never waits behind other work.</summary>
    public bool Urgent => Wanted is SimStatus.Suspended or SimStatus.Deactivated;
}
