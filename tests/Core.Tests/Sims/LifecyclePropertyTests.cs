using FsCheck;
using FsCheck.Fluent;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Tests.Sims;

/// <summary>Properties that hold after any sequence of inputs. A failure names the seed that replays it.</summary>
public sealed class LifecyclePropertyTests
{
    private const int Runs = 400;

    /// <summary>Each number is one input: its kind, its details and the time that passes before it are read from it.</summary>
    private static readonly Arbitrary<int[]> Sequences = Gen.ArrayOf(Gen.Choose(0, int.MaxValue), 60).ToArbitrary();

    [Fact]
    public void Nothing_leaves_canceled_and_nothing_goes_back_to_new() => Holds(step =>
    {
        if (step.After is null)
            return true;
        return (step.Before.Status != SimStatus.Canceled || step.After.Status == SimStatus.Canceled)
            && (step.Before.Status == SimStatus.New || step.After.Status != SimStatus.New);
    });

    [Fact]
    public void An_operation_opens_only_where_none_is_open_and_an_ended_one_stays_ended() => Holds(step =>
        step.Operation is not { } operation
        || (step.Open is null ? operation.State == OperationState.Open && operation.Attempts == 0 : operation.Id == step.Open.Id));

    [Fact]
    public void How_a_SIM_shows_is_its_open_operation() => Holds(step =>
        step.After is not { } sim
        || ((step.OpenAfter is { Kind: OperationKind.Status } == (sim.Progress != Progress.None))
            && (step.OpenAfter is { Kind: OperationKind.Reset } == sim.Resetting)));

    [Fact]
    public void Each_change_of_a_reported_field_is_one_event_and_no_event_is_without_a_change_or_an_end() => Holds(step =>
    {
        var changed = SimFields.Changes(step.Before, step.After).Any();
        var noticed = step.After is { SuspensionNoticed: true } && !step.Before.SuspensionNoticed;
        var ended = step.Operation is { State: not OperationState.Open };
        return (changed || noticed || ended) == (step.Decision.Event is not null);
    });

    [Fact]
    public void The_events_of_a_SIM_replay_to_its_fields() => Prop.ForAll(Sequences, numbers =>
    {
        var fields = SimFields.Changes(null, Start).ToDictionary(change => change.Name, change => change.Updated);
        var last = Start;
        foreach (var step in Play(numbers).Where(step => step.Decision.Event is not null))
        {
            foreach (var (name, previous, updated) in SimFields.Changes(step.Before, step.After))
            {
                if (!Equals(fields.GetValueOrDefault(name), previous))
                    return false;
                fields[name] = updated;
            }
            last = step.After;
        }
        var final = SimFields.Changes(null, last).ToDictionary(change => change.Name, change => change.Updated);
        return fields.All(field => Equals(field.Value, final.GetValueOrDefault(field.Key)));
    }).Check(Settings);

    [Fact]
    public void Ending_the_open_operation_leaves_nothing_that_waits() => Holds(step =>
        step.After is not { } sim || step.OpenAfter is not { } open
        || new[] { Sample.Done, Sample.Refused, new SimInput.Withdraw() }.All(end =>
        {
            var ended = Lifecycle.Decide(sim, open, end, Sample.At(step.Now)).Value;
            return ended.Operation is { State: not OperationState.Open, NextTry: null, WaitingFor: null }
                && ended.Operation.EndedAt == step.Now
                && ended.Sim is { Progress: Progress.None, Resetting: false };
        }));

    [Fact]
    public void An_end_that_is_not_done_changes_no_status_and_no_plan() => Holds(step =>
        step.Operation is not { State: OperationState.Refused or OperationState.Expired or OperationState.Withdrawn }
        || (step.After!.Status == step.Before.Status && step.After.RatePlanId == step.Before.RatePlanId));

    [Fact]
    public void Ready_and_active_SIMs_have_a_rate_plan() => Holds(step =>
        step.After is not { Status: SimStatus.Ready or SimStatus.Active } sim || sim.RatePlanId is not null);

    [Fact]
    public void Only_a_new_SIM_changes_its_owner() => Holds(step =>
        step.After is null || step.After.AccountId == step.Before.AccountId || step.Before.Status == SimStatus.New);

    [Fact]
    public void Decisions_are_pure() => Holds(step =>
    {
        var again = Lifecycle.Decide(step.Before, step.Open, step.Input, step.Context).Value;
        return Describe(again) == Describe(step.Decision);
    });

    [Fact]
    public void The_time_of_the_last_update_never_goes_back() => Holds(step =>
        step.After is null || step.After.UpdatedAt >= step.Before.UpdatedAt);

    [Fact]
    public void The_callback_of_an_accepted_request_is_called_when_nothing_is_to_be_waited_for_else_at_its_end() => Holds(step =>
    {
        if (step.Decision.Callbacks.Count > 1)
            return false;
        var called = step.Decision.Callbacks.SingleOrDefault();
        if (step.Input is SimInput.Request request)
            return step.Operation is null ? called?.To == request.Callback && called?.ErrorCode is null : called is null;
        if (step.Open?.Callback is { } waiting && step.Operation is { State: not OperationState.Open } ended)
            return called?.To == waiting && called.ErrorCode is null == (ended.State == OperationState.Done);
        return true;
    });

    [Fact]
    public void The_second_call_comes_at_active_or_canceled_and_goes_to_the_latest_callback() => Prop.ForAll(Sequences, numbers =>
    {
        Callback? latest = null;
        foreach (var step in Play(numbers))
        {
            if (latest is not null && step.Input is SimInput.Request { Callback: { } later })
                latest = later;
            if (step.After is not { } sim || sim.Status == step.Before.Status)
                continue;
            var own = step.Open?.Callback;
            var comesBack = step.Before.Status == SimStatus.Deactivated && sim.Status == SimStatus.Active;
            if (sim.Status is SimStatus.Ready or SimStatus.Deactivated)
                latest = own ?? latest;
            if (sim.Status is not (SimStatus.Active or SimStatus.Canceled))
                continue;
            if (step.Decision.Callbacks.SingleOrDefault()?.To != (own ?? (comesBack ? null : latest)))
                return false;
            latest = null;
        }
        return true;
    }).Check(Settings);

    [Fact]
    public void No_callback_is_called_more_than_twice() => Prop.ForAll(Sequences, numbers =>
        Play(numbers).SelectMany(step => step.Decision.Callbacks).CountBy(message => message.To.Url).All(calls => calls.Value <= 2))
        .Check(Settings);

    [Fact]
    public void The_sequences_reach_every_status_and_every_end()
    {
        var statuses = new HashSet<SimStatus>();
        var ends = new HashSet<OperationState>();
        var events = new HashSet<string>();
        for (var seed = 0; seed < 300; seed++)
        {
            var chance = new Random(seed);
            foreach (var step in Play([.. Enumerable.Range(0, 60).Select(_ => chance.Next())]))
            {
                statuses.Add(step.Before.Status);
                if (step.Operation is { } operation)
                    ends.Add(operation.State);
                if (step.Decision.Event is { } type)
                    events.Add(type);
            }
        }
        Assert.Equal(Enum.GetValues<SimStatus>().ToHashSet(), statuses);
        Assert.Equal(Enum.GetValues<OperationState>().ToHashSet(), ends);
        Assert.Equal(10, events.Append(EventTypes.Created).Distinct().Count());
    }

    private static Config Settings => Config.QuickThrowOnFailure.WithMaxTest(Runs);

    private static readonly Sim Start = Sample.Sim(SimStatus.New);

    private static void Holds(Func<Step, bool> property) => Prop.ForAll(Sequences, numbers => Play(numbers).All(property)).Check(Settings);

    /// <summary>The accepted inputs of a sequence, one after the other, until the SIM is deleted.</summary>
    private static IEnumerable<Step> Play(int[] numbers)
    {
        var (sim, now) = (Start, Sample.Now);
        Operation? open = null;
        for (var i = 0; i < numbers.Length; i++)
        {
            var (details, kind) = Math.DivRem(numbers[i], 24);
            now += Pause(details % 8);
            var input = InputOf(kind, details / 8, now, new Callback($"https://example.com/{i}", "POST", "any"));
            var id = Guid.Parse($"0198a000-0000-7000-9000-{i:D12}");
            var plan = Sample.Plans.SingleOrDefault(plan => plan.Id == sim.RatePlanId);
            var rules = LifecycleRules.Default with { ScheduledDeadline = i % 2 == 0 ? TimeSpan.FromHours(1) : null };
            var context = new LifecycleContext(now, 0.5, id, plan, rules);
            var decided = Lifecycle.Decide(sim, open, input, context);
            if (decided.Error is not null)
                continue;
            var step = new Step(sim, open, input, context, decided.Value);
            yield return step;
            if (step.After is null)
                yield break;
            (sim, open) = (step.After, step.OpenAfter);
        }
    }

    private static TimeSpan Pause(int choice) => choice switch
    {
        0 or 1 or 2 => TimeSpan.Zero,
        3 => TimeSpan.FromSeconds(1),
        4 => TimeSpan.FromHours(2),
        5 => TimeSpan.FromHours(25),
        6 => TimeSpan.FromHours(73),
        _ => TimeSpan.FromDays(93),
    };

    private static SimInput InputOf(int kind, int details, DateTimeOffset now, Callback callback) => kind switch
    {
        0 => Sample.Done,
        1 => Sample.Done,
        2 => Sample.Done,
        3 => Sample.Answer(new CarrierAnswer.Refused(details % 2 == 0 ? null : details, "No.")),
        4 => Sample.Away,
        5 => Sample.Answer(new CarrierAnswer.Unknown("Lost.")),
        6 => Sample.Answer(new CarrierAnswer.Pending(details % 2 == 0 ? null : now.AddMinutes(1))),
        7 => new SimInput.CarrierAway(),
        8 => new SimInput.DeadlinePassed(),
        9 => details % 2 == 0 ? new SimInput.Withdraw() : new SimInput.AccountSuspended(),
        10 or 11 => new SimInput.TimerDue(),
        12 => new SimInput.Used(details % 200_000, details % 3),
        13 => new SimInput.ProfileReported((ProfileStatus)(details % 5), now, Sample.User),
        14 when details % 8 == 0 => new SimInput.Delete(Sample.User),
        _ => RequestOf(details, callback),
    };

    private static SimInput.Request RequestOf(int details, Callback callback)
    {
        int Take(int choices)
        {
            (details, var choice) = Math.DivRem(details, choices);
            return choice;
        }
        var request = new SimInput.Request
        {
            Actor = Sample.User,
            Callback = Take(2) == 0 ? callback : null,
            Status = Take(10) is var status && status < 6 ? (SimStatus)status : null,
            Reset = Take(8) == 0,
            FriendlyName = Take(4) == 0 ? new Change<string?>(callback.Url) : null,
        };
        if (Take(12) == 0)
            request = request.To(Take(2) == 0 ? Sample.Account : Sample.Subaccount);
        return Take(4) switch
        {
            0 => request.With(Sample.Plan),
            1 => request.With(Sample.Plans[Take(Sample.Plans.Length)]),
            2 when Take(3) == 0 => request.With(null),
            _ => request,
        };
    }

    private static string Describe(Decision decision) =>
        $"{decision.Sim} {decision.Operation} {decision.Event} {decision.Actor} {string.Join(' ', decision.Callbacks)}"
        + string.Join(' ', SimFields.Changes(null, decision.Sim));

    /// <summary>One accepted input: the state before, and what was decided.</summary>
    private sealed record Step(Sim Before, Operation? Open, SimInput Input, LifecycleContext Context, Decision Decision)
    {
        public DateTimeOffset Now => Context.Now;
        public Sim? After => Decision.Sim;
        public Operation? Operation => Decision.Operation;
        public Operation? OpenAfter => Operation is null ? Open : Operation.State == OperationState.Open ? Operation : null;
    }
}
