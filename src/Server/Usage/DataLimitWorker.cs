using System.Text;
using System.Text.Json;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>
/// Tells carriers how a SIM's data is restricted, again and again until it is in effect or refused, and lifts it when the month turns. The
/// carrier is told a state, not a change: telling it twice does no harm, and dying in between is made good by telling it again.
/// </summary>
internal sealed class DataLimitWorker(
    Database database, SimClock clock, IdGenerator ids, CarrierList carriers, JobQueue jobs, Chance chance)
{
    /// <summary>SIMs talked about with carriers at once.</summary>
    public const int AtOnceMax = 16;

    /// <summary>One claimed SIM: whatever is due for its data.</summary>
    public async Task RunAsync(Job job, CancellationToken stop)
    {
        var now = clock.Now;
        if (await database.WriteAsync(session => LookAsync(session, job, now)) is not { } wish)
            return;
        var (carrier, jitter) = (carriers[wish.Sim.Provider], chance.Next());
        var call = CarrierCall.ForData(wish.Sim, wish.Access, wish.Period.Attempts, now);
        if (carrier.Cannot(call.Wish) is { } refused)
        {
            await SaveAsync(wish, refused, now, jitter);
            return;
        }
        var entry = carrier.Governor.TryEnter(wish.Sim.Id, isSent: false, now);
        if (entry.Kind != EntryKind.Enter)
        {
            // Jobs know whole milliseconds only: one that came a fraction too early would come again at once.
            await database.WriteAsync(session => PutAsync(session, wish.Sim, now, entry.Again.AddMilliseconds(1)));
            return;
        }
        CarrierAnswer? answer = null;
        try
        {
            answer = await carrier.AskAsync(call, stop);
        }
        finally
        {
            carrier.Governor.Leave(wish.Sim.Id, answer, now, jitter);
        }
        await SaveAsync(wish, answer, now, jitter);
    }

    /// <summary>Decides anew, and gives what is to be told the carrier; null: nothing, or not now.</summary>
    private async ValueTask<Wanted?> LookAsync(Session session, Job job, DateTimeOffset now)
    {
        var sim = await session.OneAsync(SimSql.ById, SimTable.Rows.Read, job.OrgId, job.SubjectId);
        if (sim is null || await DataPeriods.DecideAsync(session, ids, sim, now, []) is not { } period)
        {
            await JobQueue.DeleteAsync(session, job.OrgId, JobKind.DataLimit, job.SubjectId);
            return null;
        }
        if (period.Wanted == period.InEffect || period.IsRefused)
        {
            await WaitForTurnAsync(session, sim, period, now);
            return null;
        }
        if (await UntilAsync(session, sim, now) is { } until)
        {
            await PutAsync(session, sim, now, until);
            return null;
        }
        var plan = sim.RatePlanId is { } planId
            ? await session.OneAsync(RatePlanSql.ById, RatePlanTable.Rows.Read, sim.OrgId, planId)
            : null;
        return new Wanted(sim, period, Access.Of(sim.Status, plan?.Services, period.Wanted));
    }

    /// <summary>
    /// Gives when to look again because an operation is open: two calls at once could undo each other, and the operation's may hold an
    /// older restriction. Null: none is open, or it waits for a person.
    /// </summary>
    private static async ValueTask<DateTimeOffset?> UntilAsync(Session session, Sim sim, DateTimeOffset now)
    {
        if ((sim.Progress == Progress.None && !sim.Resetting)
            || await session.OneAsync(OperationSql.OpenOf, OperationTable.Rows.Read, sim.OrgId, sim.Id)
                is not { WaitingFor: not "operator" } open)
            return null;
        return open.NextTry > now ? open.NextTry.Value.AddMilliseconds(1) : now + Backoff.First;
    }

    private async Task SaveAsync(Wanted wish, CarrierAnswer answer, DateTimeOffset now, double jitter)
    {
        var sim = wish.Sim;
        var isSaved = await database.WriteAsync(async session =>
        {
            // Whatever changed the SIM meanwhile may have told its carrier another state, before or after this one.
            var isSame = await session.OneAsync(SimSql.ById, SimTable.Rows.Read, sim.OrgId, sim.Id) is { } found
            && found.Version == sim.Version;
            var saved = isSame && await SaveAsync(session, wish, answer, now, jitter);
            // If not, it is looked at again, and what was told so far is told anew.
            if (!saved)
                await PutAsync(session, sim, now, now);
            return saved;
        });
        if (!isSaved)
            jobs.Wake(Lane.DataLimits);
    }

    private async ValueTask<bool> SaveAsync(Session session, Wanted wish, CarrierAnswer answer, DateTimeOffset now, double jitter)
    {
        var (sim, period) = (wish.Sim, wish.Period);
        switch (answer)
        {
            case CarrierAnswer.Done:
                if (await session.ExecuteAsync(DataLimitSql.Confirm, $"{period.Wanted}", sim.OrgId, sim.Id) == 0)
                    return false;
                await WaitForTurnAsync(session, sim, period, now);
                return true;
            case CarrierAnswer.Refused refused:
                if (await session.ExecuteAsync(DataLimitSql.Refuse, sim.OrgId, sim.Id, $"{period.Wanted}") == 0)
                    return false;
                await ChangeSim.InsertEventAsync(
                    session, ids.Next(now), sim, EventTypes.DataLimitNotEnforced, Actor.System, EventData(period.Wanted, refused.Text));
                await WaitForTurnAsync(session, sim, period, now);
                return true;
            case CarrierAnswer.Unavailable or CarrierAnswer.Unknown or CarrierAnswer.Pending:
                if (await session.ExecuteAsync(DataLimitSql.Failed, sim.OrgId, sim.Id, $"{period.Wanted}") == 0)
                    return false;
                await PutAsync(
                    session, sim, now, (answer as CarrierAnswer.Pending)?.Until ?? now + Backoff.After(period.Attempts + 1, jitter));
                return true;
            default:
                throw new ArgumentOutOfRangeException(nameof(answer));
        }
    }

    /// <summary>Data that is restricted is looked at again when the month turns; data that is open needs no job.</summary>
    private static ValueTask WaitForTurnAsync(Session session, Sim sim, DataPeriod period, DateTimeOffset now) =>
        period.Wanted == DataRestriction.Open
        ? JobQueue.DeleteAsync(session, sim.OrgId, JobKind.DataLimit, sim.Id)
        : PutAsync(session, sim, now, period.End);

    private static ValueTask PutAsync(Session session, Sim sim, DateTimeOffset now, DateTimeOffset at) =>
        JobQueue.PutAsync(session, sim.OrgId, JobKind.DataLimit, sim.Id, Lane.DataLimits, now, at);

    private static string EventData(DataRestriction wanted, string reason)
    {
        using var buffer = new MemoryStream(128);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("previous");
            json.WriteEndObject();
            json.WriteStartObject("updated");
            json.WriteString("notEnforced", $"{wanted}");
            json.WriteString("reason", reason);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>Something to tell the carrier: how the SIM's data is to be restricted, and the access that this makes.</summary>
    private sealed record Wanted(Sim Sim, DataPeriod Period, Access Access);
}
