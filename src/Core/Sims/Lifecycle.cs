using Simkeeper.Core.Operations;

namespace Simkeeper.Core.Sims;

/// <summary>
/// The rules of a SIM's life: every status request, carrier answer, timer and threshold is decided here and nowhere else. Pure. A move that
/// is not allowed is refused with an error that every dialect can spell. Sources: Sim page ("Status Values", "Move SIMs between
/// Subaccounts", "Reset a SIM's connectivity"); error pages 33010–33201. The whole matrix is in docs/lifecycle.md.
/// </summary>
public static class Lifecycle
{
    /// <summary>Data, in bytes, that makes a ready SIM active: 250 KB.</summary>
    public const long ReadyDataBytes = 250_000;

    /// <summary>The Command, in either direction, that makes a ready SIM active.</summary>
    public const long ReadyCommands = 5;

    /// <summary>Calendar months (UTC) after which a ready SIM becomes active and a suspended SIM is given notice.</summary>
    public const int Months = 3;

    /// <summary>The time in which a deactivated SIM can still come back.</summary>
    public static readonly TimeSpan UntilCanceled = TimeSpan.FromHours(72);

    /// <summary>Callback error codes for ends without a code of the carrier (contract).</summary>
    public const int RefusedCode = 33000, ExpiredCode = 33004, WithdrawnCode = 33010, SuspendedCode = 33201;

    /// <summary>Decides what follows from an input. An error changes nothing.</summary>
    /// <param name="sim">The SIM as stored.</param>
    /// <param name="open">Its open operation, or null.</param>
    /// <param name="input">The thing that happened.</param>
    /// <param name="at">Time, chance, ids and settings.</param>
    public static Result<Decision> Decide(Sim sim, Operation? open, SimInput input, LifecycleContext at) =>
        DecideInTime(InTime(sim, at.Now), open is null ? null : InTime(open, at), input, at);

    /// <summary>A SIM as of now. A status that began later did so before the clock was set back: its time is counted from now.</summary>
    private static Sim InTime(Sim sim, DateTimeOffset now) => sim.StatusSince > now ? sim with { StatusSince = now } : sim;

    /// <summary>
    /// An operation as of now. A deadline or an absence that lies further ahead than it can is from before the clock was set back.
    /// </summary>
    private static Operation InTime(Operation open, LifecycleContext at)
    {
        var last = at.Now + at.Rules.OperationDeadline;
        if (open.Deadline > last)
            open = open with { Deadline = last };
        return open.AwaySince > at.Now ? open with { AwaySince = at.Now } : open;
    }

    private static Result<Decision> DecideInTime(Sim sim, Operation? open, SimInput input, LifecycleContext at) => input switch
    {
        SimInput.Request request => RequestRules.Decide(sim, open, request, at),
        SimInput.Answer answer => open is null ? Nothing(sim) : AnswerTo(sim, open, answer.Of, at),
        SimInput.CarrierAway => open is null ? Nothing(sim) : Away(sim, open, "The carrier is away.", at),
        SimInput.DeadlinePassed => open is { AwaySince: null } && open.Deadline <= at.Now
            ? End(sim, open, OperationState.Expired, at.Now, ExpiredCode, "The carrier did not complete the change in time.")
            : Nothing(sim),
        SimInput.Withdraw => open is null ? Nothing(sim) : End(sim, open, OperationState.Withdrawn, at.Now,
            WithdrawnCode, "The change was withdrawn by an operator."),
        SimInput.AccountSuspended => open is null ? Nothing(sim) : End(sim, open, OperationState.Withdrawn, at.Now,
            SuspendedCode, "The account was suspended before the carrier completed the change."),
        SimInput.TimerDue => open is null ? AutomaticMove(sim, at.Now) : Nothing(sim),
        SimInput.Used used => new Decision
        {
            Sim = sim with { DataBytes = Sum.Of(sim.DataBytes, used.Bytes), Commands = Sum.Of(sim.Commands, used.Commands) },
        },
        SimInput.ProfileReported report => Profile(sim, report, at.Now),
        SimInput.Corrected corrected => new Decision
        {
            Sim = corrected.To with { UpdatedAt = at.Now },
            Event = EventTypes.Updated,
            Actor = corrected.Actor,
        },
        SimInput.Delete delete => Deletion(sim, open, delete),
        _ => throw new ArgumentOutOfRangeException(nameof(input)),
    };

    /// <summary>
    /// The time of this status's automatic move or notice, or null. It lies in the past when a threshold has been crossed already. The row
    /// that holds it is rewritten whenever the status changes or an operation ends.
    /// </summary>
    public static DateTimeOffset? TimerFor(Sim sim) => sim.Status switch
    {
        SimStatus.Ready => ThresholdCrossed(sim) ? sim.StatusSince : sim.StatusSince.AddMonths(Months),
        SimStatus.Suspended => sim.SuspensionNoticed ? null : sim.StatusSince.AddMonths(Months),
        SimStatus.Deactivated => sim.StatusSince + UntilCanceled,
        SimStatus.New or SimStatus.Active or SimStatus.Canceled => null,
    };

    /// <summary>True after five Commands or 250 KB: a ready SIM is then active.</summary>
    public static bool ThresholdCrossed(Sim sim) =>
        sim.Status == SimStatus.Ready && (sim.DataBytes >= ReadyDataBytes || sim.Commands >= ReadyCommands);

    private static Decision Nothing(Sim sim) => new() { Sim = sim };

    private static Decision AutomaticMove(Sim sim, DateTimeOffset now)
    {
        if (TimerFor(sim) is not { } due || due > now)
            return Nothing(sim);
        return sim.Status switch
        {
            SimStatus.Ready => Settle(sim, SimStatus.Active, Actor.System, now, null),
            SimStatus.Deactivated => Settle(sim, SimStatus.Canceled, Actor.System, now, null),
            SimStatus.Suspended => new Decision
            {
                Sim = sim with { SuspensionNoticed = true, UpdatedAt = now },
                Event = EventTypes.SuspensionNotice,
            },
            SimStatus.New or SimStatus.Active or SimStatus.Canceled => Nothing(sim),
        };
    }

    /// <summary>
    /// Settles the status from now on. A callback that is given is called, and is remembered if another status is to follow. Without one,
    /// active and canceled call the remembered callback, except that a return from deactivated drops it.
    /// </summary>
    private static Decision Settle(Sim sim, SimStatus status, Actor actor, DateTimeOffset now, Callback? given)
    {
        var remembered = sim.Status == SimStatus.Deactivated && status == SimStatus.Active ? null : sim.Remembered;
        var (called, kept) = status switch
        {
            SimStatus.Ready or SimStatus.Deactivated => (given, given ?? remembered),
            SimStatus.Active or SimStatus.Canceled => (given ?? remembered, null),
            SimStatus.New or SimStatus.Suspended => (given, remembered),
        };
        return new Decision
        {
            Sim = sim with
            {
                Status = status,
                StatusSince = now,
                Progress = Progress.None,
                Remembered = kept,
                SuspensionNoticed = false,
                UpdatedAt = now,
            },
            Event = EventTypes.Updated,
            Actor = actor,
            Callbacks = called is null ? [] : [new CallbackMessage(called)],
        };
    }

    private static Decision AnswerTo(Sim sim, Operation open, CarrierAnswer answer, LifecycleContext at) => answer switch
    {
        CarrierAnswer.Done => Complete(sim, open, at.Now),
        CarrierAnswer.Refused refused =>
            End(sim, Attempted(open, at.Now), OperationState.Refused, at.Now, refused.Code ?? RefusedCode, refused.Text),
        CarrierAnswer.Unavailable unavailable => Away(sim, open, unavailable.Text, at),
        CarrierAnswer.Unknown unknown => new Decision
        {
            Sim = sim,
            Operation = Attempted(open, at.Now) with
            {
                Uncertain = true,
                WaitingFor = "carrier",
                LastError = unknown.Text,
                NextTry = at.Now + Backoff.After(open.Attempts + 1, at.Jitter),
            },
        },
        CarrierAnswer.Pending pending => Wait(sim, Attempted(open, at.Now), pending.Until),
        _ => throw new ArgumentOutOfRangeException(nameof(answer)),
    };

    /// <summary>Handles an attempt that met the carrier: the time that the carrier was away does not count against the deadline.</summary>
    private static Operation Attempted(Operation open, DateTimeOffset now) => open with
    {
        Attempts = open.Attempts + 1,
        Uncertain = false,
        Deadline = open.AwaySince is { } since ? open.Deadline + (now - since) : open.Deadline,
        AwaySince = null,
    };

    private static Decision Wait(Sim sim, Operation open, DateTimeOffset? until) => new()
    {
        Sim = sim,
        Operation = open with { WaitingFor = until is null ? "operator" : "carrier", NextTry = until ?? open.Deadline },
    };

    private static Decision Complete(Sim sim, Operation open, DateTimeOffset now)
    {
        var ended = Ended(Attempted(open, now), OperationState.Done, now);
        if (open.Kind == OperationKind.Reset)
        {
            return new Decision
            {
                Sim = sim with { Resetting = false, UpdatedAt = now },
                Operation = ended,
                Event = EventTypes.Reset,
                Actor = open.Actor,
                Callbacks = Tell(open),
            };
        }
        var planned = open.ChangesPlan ? sim with { RatePlanId = open.PlanId } : sim;
        return Settle(planned, open.Wanted!.Value, open.Actor, now, open.Callback) with { Operation = ended };
    }

    private static Decision Away(Sim sim, Operation open, string text, LifecycleContext at)
    {
        var since = open.AwaySince ?? at.Now;
        var last = since + at.Rules.ScheduledDeadline;
        if (last <= at.Now)
            return End(sim, open, OperationState.Expired, at.Now, ExpiredCode, "The carrier stayed away for too long.");
        var next = at.Now + Backoff.After(open.Attempts + 1, at.Jitter);
        return new Decision
        {
            Sim = open.Kind == OperationKind.Status && sim.Progress != Progress.Scheduled
                ? sim with { Progress = Progress.Scheduled, UpdatedAt = at.Now }
                : sim,
            Operation = open with
            {
                Attempts = open.Attempts + 1,
                AwaySince = since,
                WaitingFor = "carrier away",
                LastError = text,
                NextTry = last < next ? last : next,
            },
        };
    }

    private static Decision End(Sim sim, Operation open, OperationState state, DateTimeOffset now, int code, string text) => new()
    {
        Sim = sim with { Progress = Progress.None, Resetting = false, UpdatedAt = now },
        Operation = Ended(open, state, now) with { LastError = text },
        Event = state switch
        {
            OperationState.Refused => EventTypes.OperationRefused,
            OperationState.Expired => EventTypes.OperationExpired,
            OperationState.Withdrawn => EventTypes.OperationWithdrawn,
            OperationState.Open or OperationState.Done => throw new ArgumentOutOfRangeException(nameof(state)),
        },
        Actor = open.Actor,
        Callbacks = Tell(open, code, text),
    };

    private static Operation Ended(Operation open, OperationState state, DateTimeOffset now) => open with
    {
        State = state,
        WaitingFor = null,
        NextTry = null,
        EndedAt = now,
    };

    private static IReadOnlyList<CallbackMessage> Tell(Operation open, int? code = null, string? text = null) =>
        open.Callback is { } callback ? [new CallbackMessage(callback, code, text)] : [];

    private static Decision Profile(Sim sim, SimInput.ProfileReported report, DateTimeOffset now) =>
        sim.ProfileStatus == report.Status
            ? Nothing(sim)
            : new Decision
            {
                Sim = sim with { ProfileStatus = report.Status, ProfileUpdatedAt = report.At, UpdatedAt = now },
                Event = EventTypes.ProfileUpdated,
                Actor = report.Actor,
            };

    private static Result<Decision> Deletion(Sim sim, Operation? open, SimInput.Delete delete)
    {
        if (open is not null)
            return new Error(ErrorCode.StateForbids, "An operation on this SIM is open. Delete it once the operation has ended.");
        return sim.Status switch
        {
            SimStatus.New or SimStatus.Canceled => new Decision { Sim = null, Event = EventTypes.Deleted, Actor = delete.Actor },
            SimStatus.Ready or SimStatus.Active or SimStatus.Suspended or SimStatus.Deactivated => new Error(
                ErrorCode.StateForbids,
                $"A SIM in status {sim.Status.ToWire()} cannot be deleted; only a new or canceled one can. Deactivate it first."),
        };
    }
}
