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
/// Carries to the carriers what of a SIM's data is restricted, again and again until it is in effect, and lifts it when the month turns.
/// The carrier is told a state, not a change: telling it twice does no harm, and dying in between is made good by telling it again.
/// </summary>
internal sealed class DataLimitWorker(
    Database database, SimClock clock, IdGenerator ids, CarrierList carriers, JobQueue jobs, Chance chance)
{
    /// <summary>SIMs talked about with carriers at once.</summary>
    public const int AtOnceMax = 16;

    public async Task RunAsync(Job job, CancellationToken stop)
    {
        var now = clock.Now;
        var (sim, period) = await database.WriteAsync<(Sim?, DataPeriod?)>(async session =>
        {
            var sim = await session.OneAsync(SimSql.ById, SimTable.Rows.Read, job.OrgId, job.SubjectId);
            var period = sim is null ? null : await DataPeriods.DecideAsync(session, ids, sim, now, []);
            if (period is null)
                await JobQueue.DeleteAsync(session, job.OrgId, JobKind.DataLimit, job.SubjectId);
            else if (period.Wanted == period.InEffect)
                await WaitForTurnAsync(session, sim!, period);
            return (sim, period);
        });
        if (period is null || period.Wanted == period.InEffect)
            return;
        var (carrier, governor) = carriers[sim!.Provider];
        if (!governor.TryEnter(sim.Id, false, now))
        {
            // Jobs know whole milliseconds only: one that came a fraction too early would come again at once.
            await LaterAsync(governor.AwayUntil > now ? governor.AwayUntil.Value.AddMilliseconds(1) : governor.LookAgain(now));
            return;
        }
        CarrierAnswer? answer = null;
        var jitter = chance.Next();
        try
        {
            answer = await carrier.RestrictDataAsync(sim, period.Wanted, now);
        }
        finally
        {
            governor.Leave(sim.Id, answer, now, jitter);
        }
        if (answer is CarrierAnswer.Done)
            await ConfirmAsync(sim, period);
        else
            await LaterAsync(now + Backoff.After(period.Attempts + 1, jitter), counts: true);

        Task LaterAsync(DateTimeOffset at, bool counts = false) => database.WriteAsync(async session =>
        {
            if (counts)
                await session.ExecuteAsync(DataPeriodSql.Failed, sim.OrgId, sim.Id, $"{period.Wanted}");
            await PutAsync(session, sim, at);
        });
    }

    private async Task ConfirmAsync(Sim sim, DataPeriod period)
    {
        var isStillWanted = await database.WriteAsync(async session =>
        {
            var confirmed = await session.ExecuteAsync(DataPeriodSql.Confirm, $"{period.Wanted}", sim.OrgId, sim.Id) > 0;
            // Another wish has come meanwhile, and with it a job; it is due.
            if (confirmed)
                await WaitForTurnAsync(session, sim, period);
            else
                await PutAsync(session, sim, clock.Now);
            return confirmed;
        });
        if (!isStillWanted)
            jobs.Wake(Lane.DataLimits);
    }

    /// <summary>What is restricted is looked at again when the month turns; what is open needs no job.</summary>
    private static ValueTask WaitForTurnAsync(Session session, Sim sim, DataPeriod period) => period.Wanted == DataRestriction.Open
        ? JobQueue.DeleteAsync(session, sim.OrgId, JobKind.DataLimit, sim.Id)
        : PutAsync(session, sim, period.End);

    private static ValueTask PutAsync(Session session, Sim sim, DateTimeOffset at) =>
        JobQueue.PutAsync(session, sim.OrgId, JobKind.DataLimit, sim.Id, Lane.DataLimits, at);
}
