using Simkeeper.Core.Operations;

namespace Simkeeper.Core.Sims;

/// <summary>The rules for a user's update (Sim page; preconditions of error pages 33010, 33101, 33102, 33104, 33105, 33119–33122,
/// 33201). Called by <see cref="Lifecycle.Decide"/> only.</summary>
internal static class RequestRules
{
    internal static Result<Decision> Decide(Sim sim, Operation? open, SimInput.Request request, LifecycleContext at)
    {
        if (open is not null
            && (request.Status is not null || request.RatePlan is not null || request.Account is not null || request.Reset))
        {
            return Blocked(open, request);
        }
        if (request.Reset && request.Status is not null)
        {
            return new Error(ErrorCode.InvalidCombination,
                "Status and ResetStatus cannot be changed in one request. Send two.", "ResetStatus");
        }
        var moved = Move(sim, request);
        if (moved.Error is { } moveError)
            return moveError;
        var planned = Plan(sim, request, at.CurrentPlan);
        if (planned.Error is { } planError)
            return planError;
        if (request.Reset && sim.Status is not (SimStatus.Ready or SimStatus.Active))
        {
            return new Error(ErrorCode.ResetNotAllowed,
                $"A SIM in status {sim.Status.ToWire()} is not connected and cannot be reset; only a ready or active one can.",
                "ResetStatus");
        }
        var opensStatus = false;
        if (request.Status is { } wanted && wanted != sim.Status)
        {
            if (Transition(sim, wanted, planned.Value, at) is { } transitionError)
                return transitionError;
            opensStatus = true;
        }
        var metadata = sim.Metadata.Merge(request.Metadata ?? []);
        if (metadata.Error is { } metadataError)
            return metadataError;
        var changed = Changed(sim, request, moved.Value) with
        {
            Metadata = metadata.Value,
            RatePlanId = opensStatus || request.RatePlan is null ? sim.RatePlanId : planned.Value?.Id,
        };
        return opensStatus || request.Reset
            ? Open(sim, changed, request, planned.Value, at)
            : Apply(sim, changed, request, at.Now);
    }

    private static Error Blocked(Operation open, SimInput.Request request)
    {
        var onlyReset = request is { Reset: true, Status: null, RatePlan: null, Account: null };
        return open.Kind == OperationKind.Reset && onlyReset
            ? new Error(ErrorCode.ResetInProgress, "A connectivity reset of this SIM is in progress. Wait for it to end.", "ResetStatus")
            : new Error(ErrorCode.OperationOpen,
                "Another update of this SIM is in progress. "
                    + "Its Status, RatePlan, AccountSid and ResetStatus cannot be changed until it ends.");
    }

    private static Result<Guid> Move(Sim sim, SimInput.Request request)
    {
        if (request.Account is not { } change)
            return sim.AccountId;
        if (change.Value.Error is { } unknownAccount)
            return unknownAccount;
        var target = change.Value.Value;
        if (target == sim.AccountId)
            return target;
        if (sim.Status == SimStatus.Ready)
            return new Error(ErrorCode.MissingValue, "A SIM in status ready cannot be moved; only a new one can.", "AccountSid");
        if (sim.Status != SimStatus.New)
        {
            return new Error(ErrorCode.NotAuthorized,
                $"A SIM in status {sim.Status.ToWire()} cannot be moved; only a new one can.", "AccountSid");
        }
        if (request.Status is not (null or SimStatus.New) || request.Reset)
        {
            return new Error(ErrorCode.InvalidCombination,
                "A move and a change of Status cannot be made in one request. Move first.", "AccountSid");
        }
        if (sim.RatePlanId is not null && request.RatePlan is null)
        {
            return new Error(ErrorCode.MissingValue,
                "The SIM has a RatePlan: give one of the new account, or null, in the RatePlan parameter.", "RatePlan");
        }
        return target;
    }

    private static Result<RatePlan?> Plan(Sim sim, SimInput.Request request, RatePlan? current)
    {
        if (request.RatePlan is not { } change)
            return current;
        if (change.Value.Error is { } unknownPlan)
            return unknownPlan;
        var next = change.Value.Value;
        if (next is null)
        {
            if (request.Status == SimStatus.Suspended)
            {
                return new Error(ErrorCode.InvalidCombination,
                    "Suspending a SIM and removing its RatePlan cannot be asked for together.", "RatePlan");
            }
            if (current is not null && sim.Status is (SimStatus.Ready or SimStatus.Active))
            {
                return new Error(ErrorCode.InvalidValue,
                    $"The RatePlan of a SIM in status {sim.Status.ToWire()} cannot be removed.", "RatePlan");
            }
            return next;
        }
        if (next.Id == current?.Id)
            return next;
        if (sim.Narrowband != (next.Narrowband is not NarrowbandPlan.None))
            return new Error(ErrorCode.InvalidValue, "A Narrowband SIM needs a Narrowband RatePlan, and only it can use one.", "RatePlan");
        if (current?.Narrowband == NarrowbandPlan.Annual && next.Narrowband == NarrowbandPlan.Developer)
        {
            return new Error(ErrorCode.InvalidValue,
                "A SIM on a Narrowband annual RatePlan cannot change to the developer RatePlan.", "RatePlan");
        }
        if (current is not null && current.DataLimitStrategy != next.DataLimitStrategy
            && sim.Status is not (SimStatus.New or SimStatus.Deactivated))
        {
            return new Error(ErrorCode.InvalidValue,
                "A RatePlan with another DataLimitStrategy can be given only to a new or deactivated SIM.", "RatePlan");
        }
        return next;
    }

    private static Error? Transition(Sim sim, SimStatus wanted, RatePlan? plan, LifecycleContext at)
    {
        // A timer that runs late does not lengthen the 72 hours.
        var mayReturn = at.Rules.AllowReactivation && at.Now < sim.StatusSince + Lifecycle.UntilCanceled;
        if (!Allowed(sim.Status, wanted, mayReturn))
        {
            return new Error(ErrorCode.TransitionInvalid,
                $"A SIM in status {sim.Status.ToWire()} cannot become {wanted.ToWire()}.", "Status");
        }
        if (wanted is not (SimStatus.Ready or SimStatus.Active))
            return null;
        if (plan is null)
        {
            return new Error(ErrorCode.ConfigurationIncomplete,
                $"A SIM needs a RatePlan before it can become {wanted.ToWire()}.", "RatePlan");
        }
        if (plan.MeteringDeprecated)
        {
            return new Error(ErrorCode.RatePlanNotAllowed,
                $"The RatePlan's DataMetering {plan.DataMetering} is deprecated. Activate with a RatePlan that uses payg.", "RatePlan");
        }
        if (wanted == SimStatus.Ready && plan.Narrowband == NarrowbandPlan.Developer)
        {
            return new Error(ErrorCode.TransitionInvalid,
                "The status ready is not available on the Narrowband developer RatePlan.", "Status");
        }
        return null;
    }

    /// <summary>
    /// The moves that a user may ask for. Automatic moves are made by timers and never pass here. No arm stands for "any other", so that a
    /// new status fails the build in every one of them.
    /// </summary>
    private static bool Allowed(SimStatus from, SimStatus to, bool mayReturn) => from switch
    {
        SimStatus.New => to switch
        {
            SimStatus.Ready or SimStatus.Active or SimStatus.Deactivated => true,
            SimStatus.New or SimStatus.Suspended or SimStatus.Canceled => false,
        },
        SimStatus.Ready => to switch
        {
            SimStatus.Active or SimStatus.Suspended or SimStatus.Deactivated => true,
            SimStatus.New or SimStatus.Ready or SimStatus.Canceled => false,
        },
        SimStatus.Active => to switch
        {
            SimStatus.Suspended or SimStatus.Deactivated => true,
            SimStatus.New or SimStatus.Ready or SimStatus.Active or SimStatus.Canceled => false,
        },
        SimStatus.Suspended => to switch
        {
            SimStatus.Active or SimStatus.Deactivated => true,
            SimStatus.New or SimStatus.Ready or SimStatus.Suspended or SimStatus.Canceled => false,
        },
        SimStatus.Deactivated => to switch
        {
            SimStatus.Active => mayReturn,
            SimStatus.New or SimStatus.Ready or SimStatus.Suspended or SimStatus.Deactivated or SimStatus.Canceled => false,
        },
        SimStatus.Canceled => to switch
        {
            SimStatus.New or SimStatus.Ready or SimStatus.Active or SimStatus.Suspended or SimStatus.Deactivated
                or SimStatus.Canceled => false,
        },
    };

    /// <summary>Applies what holds at once, even if an operation follows. A later callback takes the place of the remembered one.</summary>
    private static Sim Changed(Sim sim, SimInput.Request request, Guid account) => sim with
    {
        AccountId = account,
        User = account == sim.AccountId ? sim.User : null,
        UniqueName = request.UniqueName is { } unique ? unique.Value : sim.UniqueName,
        FriendlyName = request.FriendlyName is { } friendly ? friendly.Value : sim.FriendlyName,
        Hooks = request.Hooks is { } hooks ? Merge(sim.Hooks, hooks) : sim.Hooks,
        Remembered = sim.Remembered is null ? null : request.Callback ?? sim.Remembered,
    };

    private static string? EventFor(Sim sim, Sim changed) =>
        !SimFields.Differ(sim, changed) ? null : sim.AccountId == changed.AccountId ? EventTypes.Updated : EventTypes.Moved;

    /// <summary>
    /// Ends a request that waits for nothing. A callback is called even when nothing changed, so that nobody waits for ever.
    /// </summary>
    private static Decision Apply(Sim sim, Sim changed, SimInput.Request request, DateTimeOffset now)
    {
        var eventType = EventFor(sim, changed);
        return new Decision
        {
            Sim = changed with { UpdatedAt = eventType is null ? sim.UpdatedAt : now },
            Event = eventType,
            Actor = request.Actor,
            Callbacks = request.Callback is { } callback ? [new CallbackMessage(callback)] : [],
        };
    }

    private static Decision Open(Sim sim, Sim changed, SimInput.Request request, RatePlan? plan, LifecycleContext at) => new()
    {
        Sim = changed with
        {
            Progress = request.Reset ? Progress.None : Progress.Updating,
            Resetting = request.Reset,
            UpdatedAt = at.Now,
        },
        Operation = new Operation
        {
            OrgId = sim.OrgId,
            Id = at.NewOperationId,
            SimId = sim.Id,
            AccountId = sim.AccountId,
            Carrier = sim.Provider,
            Kind = request.Reset ? OperationKind.Reset : OperationKind.Status,
            Wanted = request.Reset ? null : request.Status,
            ChangesPlan = !request.Reset && request.RatePlan is not null && plan?.Id != sim.RatePlanId,
            PlanId = request.Reset ? null : plan?.Id,
            WaitingFor = "carrier",
            NextTry = at.Now,
            Deadline = at.Now + at.Rules.OperationDeadline,
            Callback = request.Callback,
            Actor = request.Actor,
        },
        Event = EventFor(sim, changed),
        Actor = request.Actor,
    };

    /// <summary>Applies callback settings. A null sets one back to its default.</summary>
    private static SortedDictionary<string, string> Merge(
        IReadOnlyDictionary<string, string> hooks, IReadOnlyDictionary<string, string?> changes)
    {
        var merged = new SortedDictionary<string, string>(hooks.ToDictionary(), StringComparer.Ordinal);
        foreach (var (name, value) in changes)
        {
            if (value is null || value == SimHooks.Value(SimHooks.None, name))
                merged.Remove(name);
            else
                merged[name] = value;
        }
        return merged;
    }
}
