using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The automatic moves of SIMs: the lifecycle looks at each SIM when its timer is due.</summary>
internal sealed class SimTimers(Database database, SimClock clock, ChangeSim change) : ITimers
{
    /// <summary>Timers looked at together: as many as the store makes durable with one commit, for nobody outside is asked.</summary>
    public const int AtOnceMax = 256;

    /// <summary>Timers at once where each has a connection of its own: few enough that requests and other workers find one free.</summary>
    public const int AtOnceOnConnectionsMax = 16;

    public async Task<IReadOnlyList<Job>> NextAsync(DateTimeOffset until, int max)
    {
        var due = new List<(Job Job, bool CallsBack)>();
        await database.ReadAsync(async session =>
        {
            foreach (var orgId in await AcrossOrgs.OrgsAsync(session))
            {
                due.AddRange(await session.ListAsync(SimSql.NextTimers,
                    row => (new Job(orgId, JobKind.Timer, row.Id(0), row.Time(1)), row.Flag(2)), orgId, (long)Lane.Timers, until, max));
            }
            return true;
        });
        due = [.. due.OrderBy(timer => timer.Job.DueAt).Take(max)];
        var upTo = due.FindIndex(timer => timer.CallsBack);
        return [.. (upTo < 0 ? due : due.Take(upTo + 1)).Select(timer => timer.Job)];
    }

    public Task RunAsync(Job timer, CancellationToken stop) => RunAsync(timer, clock.Now);

    public async Task RunAsync(Job timer, DateTimeOffset at)
    {
        var decided = await change.RunAsync(FindSim.ById(timer.OrgId, timer.SubjectId), new SimInput.TimerDue(), at);
        if (decided.Error is { Code: ErrorCode.SimNotFound })
            await database.WriteAsync(session => JobQueue.DeleteAsync(session, timer.OrgId, JobKind.Timer, timer.SubjectId));
    }
}
