using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>
/// Counts what a SIM uses in its month, and decides what of its data is restricted. What is decided is written with its event and with
/// the job that carries it to the carrier (<see cref="DataLimitWorker"/>), in the transaction of whatever changed it.
/// </summary>
internal static class DataPeriods
{
    public static ValueTask<DataPeriod?> FindAsync(Session session, Guid orgId, Guid simId) =>
        session.OneAsync(DataPeriodSql.Find, static row => DataPeriodTable.Rows.Read(row).Month, orgId, simId);

    /// <summary>Those of the SIMs whose data a carrier blocks.</summary>
    public static async ValueTask<HashSet<Guid>> BlockedAsync(Session session, IReadOnlyList<Sim> sims)
    {
        var found = await session.ListEachAsync(DataPeriodSql.Find, [.. sims.Select(sim => (object?[])[sim.OrgId, sim.Id])],
            (i, row) => (sims[i].Id, DataPeriodTable.Rows.Read(row).Month.InEffect.Blocked));
        return [.. found.Where(sim => sim.Blocked).Select(sim => sim.Id)];
    }

    public static ValueTask<DataLimit?> LimitAsync(Session session, Guid orgId, Guid planId) =>
        session.OneAsync(DataPeriodSql.LimitOf, DataPeriodSql.ReadLimit, orgId, planId);

    /// <summary>The month begins with the first activation and is forgotten in the end; another plan has other limits.</summary>
    public static async ValueTask ChangedAsync(
        Session session, IdGenerator ids, Sim before, Sim? after, DateTimeOffset now, HashSet<Lane> wake)
    {
        if (after is null or { Status: SimStatus.Canceled })
        {
            if (after?.Status == before.Status)
                return;
            await session.LaterAsync(DataPeriodSql.Delete, before.OrgId, before.Id);
            await JobQueue.DeleteAsync(session, before.OrgId, JobKind.DataLimit, before.Id);
        }
        else if (before.Status is SimStatus.New or SimStatus.Deactivated && after.Status is SimStatus.Ready or SimStatus.Active)
        {
            await BeginAsync(session, after.OrgId, after.Id, now, now);
            var limit = after.RatePlanId is { } planId ? await LimitAsync(session, after.OrgId, planId) : null;
            if (limit is { DataEnabled: false } || (before.Status == SimStatus.Deactivated && before.RatePlanId != after.RatePlanId))
                await DecideAsync(session, ids, after, now, wake);
        }
        else if (before.RatePlanId != after.RatePlanId)
        {
            await DecideAsync(session, ids, after, now, wake);
        }
    }

    /// <summary>Counts what was used. What was used before the running month, or is said to be after it, is not of it.</summary>
    /// <param name="activated">When the first month began, if nobody has counted for the SIM yet; null: none has begun.</param>
    public static async ValueTask CountAsync(
        Session session, IdGenerator ids, Guid orgId, Guid simId, DateTimeOffset? activated, DataLimit limit,
        IEnumerable<(long Hour, UsageCount Count)> used, DateTimeOffset now, HashSet<Lane> wake)
    {
        var period = await FindAsync(session, orgId, simId);
        if (period is null)
        {
            if (activated is null)
                return;
            await BeginAsync(session, orgId, simId, activated.Value, now);
            await DecideAsync(session, ids, (await session.OneAsync(SimSql.ById, SimTable.Rows.Read, orgId, simId))!, now, wake);
            return;
        }
        var sum = period.With(used.Select(use => (use.Hour, use.Count.Roaming, use.Count.Bytes)));
        if (sum != period.Used)
            await session.LaterAsync(DataPeriodSql.Count, sum.Home, sum.National, sum.International, orgId, simId);
        if (period.MustBeDecided(sum, limit, now))
            await DecideAsync(session, ids, (await session.OneAsync(SimSql.ById, SimTable.Rows.Read, orgId, simId))!, now, wake);
    }

    /// <summary>
    /// Looks at the month anew, turns to the next one if this is over, and decides. Gives what is stored then, or null for a SIM that
    /// never was active.
    /// </summary>
    public static async ValueTask<DataPeriod?> DecideAsync(
        Session session, IdGenerator ids, Sim sim, DateTimeOffset now, HashSet<Lane> wake)
    {
        if (await FindAsync(session, sim.OrgId, sim.Id) is not { } stored)
            return null;
        var month = stored.At(now);
        var used = new DataUse();
        foreach (var (roaming, bytes) in await session.ListAsync(
            DataPeriodSql.UsedIn, static row => (row.Text(0), Sum.OfParts(row.Number(1), row.Number(2))),
            sim.OrgId, sim.Id, month.Start, month.End))
            used = used.Plus(roaming, bytes);
        var decided = month.Decide(used, sim.RatePlanId is { } planId ? await LimitAsync(session, sim.OrgId, planId) : null);
        if (decided != stored)
            await session.LaterAsync(DataPeriodSql.Update, DataPeriodTable.Rows.UpdateValues((sim.OrgId, sim.Id, decided)));
        if (decided.Wanted == stored.Wanted)
            return decided;
        await ChangeSim.InsertEventAsync(session, ids.Next(now), sim,
            decided.Wanted == DataRestriction.Open ? EventTypes.DataLimitLifted : EventTypes.DataLimitReached, Actor.System,
            $$$"""{"previous":{"data":"{{{stored.Wanted}}}"},"updated":{"data":"{{{decided.Wanted}}}"}}""");
        await JobQueue.PutAsync(session, sim.OrgId, JobKind.DataLimit, sim.Id, Lane.DataLimits, now, now);
        wake.Add(Lane.DataLimits);
        return decided;
    }

    private static ValueTask BeginAsync(Session session, Guid orgId, Guid simId, DateTimeOffset activated, DateTimeOffset now) =>
        session.LaterAsync(DataPeriodSql.Insert, DataPeriodTable.Rows.Values((orgId, simId, DataPeriod.First(activated, now))));
}
