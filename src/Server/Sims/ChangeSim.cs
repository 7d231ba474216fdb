using System.Text;
using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>
/// The one way in which a SIM changes: load, decide (Core), save the SIM, its operation, timer and event, and tell the followers, all in
/// one transaction. Whoever dies before the commit has changed nothing; after it, nothing is missing.
/// </summary>
internal sealed class ChangeSim(
    Database database, SimClock clock, IdGenerator ids, JobQueue jobs, CarrierList carriers, LifecycleRules rules, Chance chance,
    SimFollowers followers, KeptBudget budget)
{
    /// <summary>
    /// The most times that a write which lost a race is decided again. Each is lost to a write that took effect, so many callers at one SIM
    /// take turns.
    /// </summary>
    public const int RacesMax = 50;

    /// <summary>Changes a SIM.</summary>
    /// <param name="input">What happened, once its look-ups are made in the same transaction.</param>
    /// <param name="at">When it happened, if that is not now: a timer is looked at as of the moment it was due.</param>
    /// <returns>The decision that was saved, or the error that changed nothing.</returns>
    public Task<Result<Decision>> RunAsync(
        FindSim which, Func<Session, Sim, Operation?, ValueTask<Result<SimInput>>> input, DateTimeOffset? at = null) =>
        RetryAsync(() => RunOnceAsync(which, input, at));

    /// <summary>Changes a SIM by an input that needs no look-ups.</summary>
    public Task<Result<Decision>> RunAsync(FindSim which, SimInput input, DateTimeOffset? at = null) =>
        RunAsync(which, (_, _, _) => ValueTask.FromResult<Result<SimInput>>(input), at);

    /// <summary>Runs a transaction that changes SIMs, again if another server wrote one of them first.</summary>
    public static async Task<T> RetryAsync<T>(Func<Task<T>> transaction)
    {
        for (var race = 0; ; race++)
        {
            try
            {
                return await transaction();
            }
            catch (LostRaceException) when (race < RacesMax)
            {
                // Look at it again.
            }
        }
    }

    /// <summary>Counts use of a SIM in a transaction that others share; it runs inside <see cref="RetryAsync"/>.</summary>
    /// <param name="wake">Takes the lanes to wake after the commit.</param>
    public async ValueTask UsedAsync(Session session, Sim sim, SimInput.Used used, DateTimeOffset now, HashSet<Lane> wake)
    {
        var decided = await DecideAsync(session, sim, null, used, now);
        await SaveAsync(session, sim, null, decided.Value, now, wake, new Tally());
    }

    /// <summary>
    /// Completes or corrects a SIM in a transaction that others share; it runs inside <see cref="RetryAsync"/>. An error changes nothing.
    /// </summary>
    /// <param name="wake">Takes the lanes to wake after the commit.</param>
    public async ValueTask<Error?> CorrectAsync(
        Session session, Sim sim, SimInput.Corrected corrected, DateTimeOffset now, HashSet<Lane> wake)
    {
        now = await StoredClock.NotBeforeAsync(session, clock, now, sim.UpdatedAt);
        var decided = await DecideAsync(session, sim, null, corrected, now);
        if ((decided.Error ?? await SimNumbers.TakeAsync(session, sim, decided.Value.Sim!)) is { } error)
            return error;
        await SaveAsync(session, sim, null, decided.Value, now, wake, new Tally());
        await session.LaterAsync(SimSql.Correct, SimTable.Rows.CorrectValues(decided.Value.Sim!));
        await SimNumbers.FreeAsync(session, sim, decided.Value.Sim);
        return null;
    }

    private async Task<Result<Decision>> RunOnceAsync(
        FindSim which, Func<Session, Sim, Operation?, ValueTask<Result<SimInput>>> input, DateTimeOffset? at)
    {
        var wake = new HashSet<Lane>();
        var kept = new Tally();
        Guid? payer = null;
        var result = await database.WriteAsync<Result<Decision>>(async session =>
        {
            wake.Clear();
            kept = new Tally();
            var now = at ?? clock.Now;
            if (await which.ToChangeAsync(session, followers) is not ({ } sim, var along))
                return new Error(ErrorCode.SimNotFound, "The SIM does not exist.");
            now = await StoredClock.NotBeforeAsync(session, clock, now, sim.UpdatedAt);
            var open = sim.Progress != Progress.None || sim.Resetting
                ? await session.OneAsync(OperationSql.OpenOf, OperationTable.Rows.Read, sim.OrgId, sim.Id)
                : null;
            var happened = await input(session, sim, open);
            if (happened.Error is { } wrong)
                return wrong;
            payer = PayerOf(happened.Value);
            if (payer is { } account && budget.Wait(account) is { } seconds)
                return TooMuchKept(seconds);
            var decided = await DecideAsync(session, sim, open, happened.Value, now);
            if (decided.Error is null)
            {
                await SaveAsync(session, sim, along, decided.Value, now, wake, kept);
                if (happened.Value is SimInput.TimerDue && decided.Value.Event is null)
                    await RearmTimerAsync(session, decided.Value.Sim!, open, now, wake);
            }
            return decided;
        });
        if (payer is { } paying && kept.Bytes > 0)
            budget.Add(paying, kept.Bytes);
        foreach (var lane in wake)
            jobs.Wake(lane);
        return result;
    }

    /// <summary>The error of an account that has used up its budget.</summary>
    public static Error TooMuchKept(int seconds) => new(
        ErrorCode.TooMuchKept, "The account has made more changes in this hour than may be kept of them. Wait, then send it again.")
    {
        RetryAfter = seconds,
    };

    /// <summary>The account whose request it is; null: an operator's, or nobody's.</summary>
    private static Guid? PayerOf(SimInput input)
    {
        var actor = input switch { SimInput.Request request => request.Actor, SimInput.Delete delete => delete.Actor, _ => null };
        return actor is { Kind: "account", Sid: { } sid } && Ids.TryParseSid("AC", sid, out var id) ? id : null;
    }

    private async ValueTask<Result<Decision>> DecideAsync(
        Session session, Sim sim, Operation? open, SimInput input, DateTimeOffset now)
    {
        var needsPlan = input is SimInput.Request { Status: not null } or SimInput.Request { RatePlan: not null };
        var plan = needsPlan && sim.RatePlanId is { } planId
            ? await session.OneAsync(RatePlanSql.ById, RatePlanTable.Rows.Read, sim.OrgId, planId)
            : null;
        var mayOpen = input is SimInput.Request { Status: not null } or SimInput.Request { Reset: true };
        var context = new LifecycleContext(now, chance.Next(), mayOpen ? ids.Next(now) : default, plan, rules);
        var decided = Lifecycle.Decide(sim, open, input, context);
        if (decided.Error is null && decided.Value.Sim is { UniqueName: { } name } changed
            && (name != sim.UniqueName || changed.AccountId != sim.AccountId)
            && await session.AnyAsync(SimSql.UniqueNameTaken, sim.OrgId, changed.AccountId, name, sim.Id))
            return new Error(ErrorCode.InvalidValue, "Another SIM of the account has this UniqueName. Choose another.", "UniqueName");
        return decided;
    }

    private async ValueTask SaveAsync(
        Session session, Sim before, IReadOnlyList<object>? along, Decision decision, DateTimeOffset now, HashSet<Lane> wake, Tally kept)
    {
        var after = decision.Sim;
        if (after is null)
            await session.ChangeAsync(SimSql.Delete, before.OrgId, before.Id, before.Version);
        else if (after != before)
            await (SimTable.KeepsLists(before, after)
                ? session.ChangeAsync(SimSql.UpdateUnlisted, SimTable.Unlisted.UpdateValues(after))
                : session.ChangeAsync(SimSql.Update, SimTable.Rows.UpdateValues(after)));
        if (decision.Operation is { } operation)
            await SaveOperationAsync(
                session, operation, operation.Id != default && before.Progress == Progress.None && !before.Resetting, now, wake);
        if (after is not null && (after.Status != before.Status || decision.Operation is { State: not OperationState.Open }
            || after.SuspensionNoticed != before.SuspensionNoticed || Lifecycle.ThresholdCrossed(after)))
            await SaveTimerAsync(session, after, now, wake);
        if (after is not null && after.AccountId != before.AccountId)
            await session.LaterAsync(SimSql.InsertMove, SimMoveTable.Rows.Values(new(before.OrgId, before.Id, now, before.AccountId)));
        if (after?.Status != before.Status)
            await SimNumbers.FreeAsync(session, before, after);
        Guid? eventId = null;
        if (decision.Event is { } type)
        {
            eventId = ids.Next(now);
            var data = EventData(before, after);
            kept.Add(Encoding.UTF8.GetByteCount(data));
            await InsertEventAsync(session, eventId.Value, after ?? before, type, decision.Actor, data, decision.Operation?.Id);
        }
        await followers.ChangedAsync(session, new SimChange(before, after, decision, eventId, now, wake, along, kept));
    }

    private async ValueTask SaveOperationAsync(
        Session session, Operation operation, bool isNew, DateTimeOffset now, HashSet<Lane> wake)
    {
        if (isNew)
            await session.LaterAsync(OperationSql.Insert, OperationTable.Rows.Values(operation));
        else
            await session.ChangeAsync(OperationSql.Update, OperationTable.Rows.UpdateValues(operation));
        if (operation.State != OperationState.Open)
        {
            await JobQueue.DeleteAsync(session, operation.OrgId, JobKind.Operation, operation.Id);
            return;
        }
        wake.Add(await OperationSql.PutJobAsync(session, operation, carriers, now));
    }

    private static async ValueTask SaveTimerAsync(Session session, Sim sim, DateTimeOffset now, HashSet<Lane> wake)
    {
        if (Lifecycle.TimerFor(sim) is { } due)
        {
            await JobQueue.PutAsync(session, sim.OrgId, JobKind.Timer, sim.Id, Lane.Timers, now, due);
            wake.Add(Lane.Timers);
        }
        else
        {
            await JobQueue.DeleteAsync(session, sim.OrgId, JobKind.Timer, sim.Id);
        }
    }

    /// <summary>A timer that moved nothing: while an operation is open, its end writes the row anew.</summary>
    private static async ValueTask RearmTimerAsync(
        Session session, Sim sim, Operation? open, DateTimeOffset now, HashSet<Lane> wake)
    {
        if (open is null)
            await SaveTimerAsync(session, sim, now, wake);
        else
            await JobQueue.DeleteAsync(session, sim.OrgId, JobKind.Timer, sim.Id);
    }

    /// <summary>Writes the event of a change: who did it, and what <see cref="EventData"/> says of it.</summary>
    public static ValueTask InsertEventAsync(
        Session session, Guid id, Sim sim, string type, Actor actor, string data, Guid? operationId = null) =>
        session.LaterAsync(
            EventSql.Insert, EventTable.Rows.Values(new(sim.OrgId, id, sim.Id, sim.AccountId, type, actor, operationId, data)));

    /// <summary>Every field that a change changes, before and after, as the event holds it.</summary>
    public static string EventData(Sim? before, Sim? after)
    {
        var changes = SimFields.Changes(before, after).ToList();
        var json = new EventJson();
        json.Begin("previous");
        foreach (var (name, previous, _) in changes)
            Write(json, name, previous);
        json.End();
        json.Begin("updated");
        foreach (var (name, _, updated) in changes)
            Write(json, name, updated);
        json.End();
        return json.Text();
    }

    private static void Write(EventJson json, string name, object? value)
    {
        if (value is not IReadOnlyDictionary<string, string> map)
        {
            json.Write(name, (string?)value);
            return;
        }
        json.Begin(name);
        foreach (var (key, entry) in name == "hooks" ? SimHooks.Reported(map) : map)
            json.Write(key, entry);
        json.End();
    }
}
