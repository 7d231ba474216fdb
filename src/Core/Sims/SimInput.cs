using Simkeeper.Core.Operations;

namespace Simkeeper.Core.Sims;

/// <summary>
/// A value that a request gives, which may itself be null. A request that does not name the value holds no <c>Change</c>.
/// </summary>
public readonly record struct Change<T>(T Value);

/// <summary>Everything that can happen to a SIM. Closed: <see cref="Lifecycle.Decide"/> handles each.</summary>
public abstract record SimInput
{
    private SimInput()
    {
    }

    /// <summary>
    /// A user's update, in any dialect. Values that need a look-up come resolved, or with the error to give if the rules get that far.
    /// </summary>
    public sealed record Request : SimInput
    {
        public required Actor Actor { get; init; }
        public Change<string?>? UniqueName { get; init; }
        public Change<string?>? FriendlyName { get; init; }
        public IReadOnlyDictionary<string, string?>? Hooks { get; init; }

        /// <summary>The keys to set; a null deletes its key (<see cref="Sims.Metadata.Merge"/>).</summary>
        public IReadOnlyList<KeyValuePair<string, string?>>? Metadata { get; init; }
        public Change<Result<RatePlan?>>? RatePlan { get; init; }
        public SimStatus? Status { get; init; }
        public bool Reset { get; init; }

        /// <summary>The account that is to own the SIM.</summary>
        public Change<Result<Guid>>? Account { get; init; }

        public Callback? Callback { get; init; }
    }

    /// <summary>The carrier answered the open operation.</summary>
    public sealed record Answer(CarrierAnswer Of) : SimInput;

    /// <summary>The operation was claimed while its carrier is known to be away. That counts as its attempt.</summary>
    public sealed record CarrierAway : SimInput;

    /// <summary>The open operation's deadline has passed.</summary>
    public sealed record DeadlinePassed : SimInput;

    /// <summary>An operator takes the open operation back.</summary>
    public sealed record Withdraw : SimInput;

    /// <summary>The account was suspended while the operation was open (error page 33201).</summary>
    public sealed record AccountSuspended : SimInput;

    /// <summary>The SIM's timer is due, or a counter moved: the automatic moves are looked at.</summary>
    public sealed record TimerDue : SimInput;

    /// <summary>Usage was counted: bytes and Commands to add.</summary>
    public sealed record Used(long Bytes, long Commands) : SimInput;

    /// <summary>The eSIM profile changed on its device.</summary>
    public sealed record ProfileReported(ProfileStatus Status, DateTimeOffset At, Actor Actor) : SimInput;

    /// <summary>An operator completes or corrects what is known of the card.</summary>
    /// <param name="To">The SIM with its right values.</param>
    public sealed record Corrected(Sim To, Actor Actor) : SimInput;

    /// <summary>A user deletes the SIM.</summary>
    public sealed record Delete(Actor Actor) : SimInput;
}

/// <summary>
/// The facts that a decision takes from outside: the time, chance, an id for a new operation, the plan in force and the settings.
/// </summary>
/// <param name="Now">SIM-clock time.</param>
/// <param name="Jitter">In [0, 1).</param>
/// <param name="NewOperationId">The id that an operation gets if one is opened.</param>
/// <param name="CurrentPlan">The SIM's rate plan, or null.</param>
/// <param name="Rules">The settings of the lifecycle.</param>
public sealed record LifecycleContext(DateTimeOffset Now, double Jitter, Guid NewOperationId, RatePlan? CurrentPlan, LifecycleRules Rules);

/// <summary>The settings of the lifecycle.</summary>
/// <param name="OperationDeadline">The time that an operation may stay open while its carrier is there.</param>
/// <param name="ScheduledDeadline">
/// The time that it may stay open while the carrier is away; null: for ever, as the Sim page promises.
/// </param>
/// <param name="AllowReactivation">True if deactivated → active is possible inside the 72 hours.</param>
public sealed record LifecycleRules(TimeSpan OperationDeadline, TimeSpan? ScheduledDeadline, bool AllowReactivation)
{
    public static readonly LifecycleRules Default = new(TimeSpan.FromHours(24), null, true);
}

/// <summary>A callback that a decision causes.</summary>
/// <param name="To">The URL and method.</param>
/// <param name="ErrorCode">Set when the operation failed.</param>
/// <param name="ErrorMessage">Set when the operation failed.</param>
public sealed record CallbackMessage(Callback To, int? ErrorCode = null, string? ErrorMessage = null);

/// <summary>The types of event; each committed change of a SIM is exactly one.</summary>
public static class EventTypes
{
    public const string Created = "sim.created";
    public const string Updated = "sim.updated";
    public const string Moved = "sim.moved";
    public const string Deleted = "sim.deleted";
    public const string Reset = "sim.reset";
    public const string ProfileUpdated = "sim.profile_updated";
    public const string SuspensionNotice = "sim.suspension_notice";
    public const string DataLimitReached = "sim.data_limit_reached";
    public const string DataLimitLifted = "sim.data_limit_lifted";
    public const string DataLimitNotEnforced = "sim.data_limit_not_enforced";
    public const string OperationRefused = "operation.refused";
    public const string OperationExpired = "operation.expired";
    public const string OperationWithdrawn = "operation.withdrawn";

    /// <summary>All types, in the order in which documents list them.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        Created, Updated, Moved, Deleted, Reset, ProfileUpdated, SuspensionNotice, DataLimitReached, DataLimitLifted, DataLimitNotEnforced,
        OperationRefused, OperationExpired, OperationWithdrawn,
    ];
}

/// <summary>The result of a decision, which is stored and told in one transaction.</summary>
public sealed record Decision
{
    /// <summary>The SIM afterwards; null when it is deleted.</summary>
    public required Sim? Sim { get; init; }

    /// <summary>The operation that this decision opened, moved on or ended; null: none.</summary>
    public Operation? Operation { get; init; }

    /// <summary>The event's type; null: nothing happened that counts as a change.</summary>
    public string? Event { get; init; }

    /// <summary>The cause of the change.</summary>
    public Actor Actor { get; init; } = Actor.System;

    public IReadOnlyList<CallbackMessage> Callbacks { get; init; } = [];
}
