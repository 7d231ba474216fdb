using System.Collections.Concurrent;
using System.Security.Cryptography;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Jobs;

/// <summary>A claimed job.</summary>
internal readonly record struct Job(Guid OrgId, JobKind Kind, Guid SubjectId, DateTimeOffset DueAt, string Budget = "");

/// <summary>
/// The durable queue. A job is written in the transaction that needs it, is claimed under a lease, and is removed or moved on in the
/// transaction that records its outcome. If the process dies in between, the job is picked up again.
/// </summary>
/// <remarks>
/// A job of a kind that this program does not know was written by a newer program on the same store. It is never run as another kind: it
/// stays, is looked at again when its lease ends, and is run by a server that knows its kind. The log names each such kind once.
/// </remarks>
internal sealed class JobQueue(Database database, SimClock clock, JobSettings settings, Signals signals, ILogger log)
{
    /// <summary>The most jobs claimed in one round.</summary>
    public const int ClaimMax = 256;

    /// <summary>The most jobs that are looked at together after the clock was set back.</summary>
    public const int LookedAtMax = 1000;

    /// <summary>
    /// The wait after the first failure that a job's subject cannot record, and the longest. It doubles. SIM clock: a move of the clock
    /// over years meets such a job once a day.
    /// </summary>
    public static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1), AfterFailureMax = TimeSpan.FromDays(1);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly string _owner = $"{Environment.MachineName}:{Environment.ProcessId}:{RandomNumberGenerator.GetHexString(8)}";
    private readonly Turns _turns = new();
    private readonly ConcurrentDictionary<string, bool> _unknown = new(StringComparer.Ordinal);

    /// <summary>Raised after a commit that wrote jobs, so that their worker need not wait for its next look.</summary>
    public event Action<Lane>? Written;

    /// <summary>Writes or moves a job. A job that is held under a lease becomes free.</summary>
    /// <param name="now">The moment at which it is put: the wait until it is due begins there.</param>
    public static ValueTask PutAsync(
        Session session, Guid orgId, JobKind kind, Guid subjectId, Lane lane, DateTimeOffset now, DateTimeOffset dueAt,
        string budget = "") =>
        session.LaterAsync(JobSql.Put, orgId, kind.ToWire(), subjectId, (long)lane, budget, dueAt, now);

    /// <summary>Writes a job that is due now, unless its subject has one.</summary>
    public static ValueTask PutNewAsync(
        Session session, Guid orgId, JobKind kind, Guid subjectId, Lane lane, DateTimeOffset now, string budget = "") =>
        session.LaterAsync(JobSql.PutNew, orgId, kind.ToWire(), subjectId, (long)lane, budget, now, now);

    public static ValueTask DeleteAsync(Session session, Guid orgId, JobKind kind, Guid subjectId) =>
        session.LaterAsync(JobSql.Delete, orgId, kind.ToWire(), subjectId);

    /// <summary>Tells the workers of this server and of the others that jobs of this lane were committed.</summary>
    public void Wake(Lane lane)
    {
        Written?.Invoke(lane);
        signals.Tell(lane.ToWire());
    }

    /// <summary>Wakes this server's workers after another server has written jobs.</summary>
    public void Heard(string word)
    {
        if (LaneNames.Words.Find(word) is { } lane)
            Written?.Invoke(lane);
    }

    /// <summary>The time for which a claimed job belongs to this server, unless its lease is renewed.</summary>
    public TimeSpan Lease => settings.Lease;

    /// <summary>The time after which the lease of a running job is to be renewed.</summary>
    public TimeSpan RenewEvery => settings.Lease * 0.3;

    private DateTimeOffset LeaseTime => database.LeaseTime(clock.Wall);

    /// <summary>
    /// Renews the leases of jobs of an org that are still being worked on, with one commit. Jobs that were moved on meanwhile stay free.
    /// Returns those that another server has taken.
    /// </summary>
    public Task<List<Job>> RenewAsync(IReadOnlyCollection<Job> ofOrg) => database.WriteAsync(async session =>
    {
        var at = LeaseTime;
        foreach (var job in ofOrg)
            await session.LaterAsync(JobSql.Renew, at + settings.Lease, job.OrgId, job.Kind.ToWire(), job.SubjectId, _owner);
        if (!database.IsShared || ofOrg.Count == 0)
            return [];
        var orgId = ofOrg.First().OrgId;
        var taken = await session.ListAsync(JobSql.TakenByOthers, row => (row.Text(0), row.Id(1)), orgId, at, _owner);
        return ofOrg.Where(job => taken.Contains((job.Kind.ToWire(), job.SubjectId))).ToList();
    });

    /// <summary>Gives a claimed job back unchanged.</summary>
    public Task FreeAsync(Job job) =>
        database.WriteAsync(session => session.ExecuteAsync(JobSql.Free, job.OrgId, job.Kind.ToWire(), job.SubjectId, _owner));

    /// <summary>Lets a job wait that has failed, longer each time. A job that was moved on meanwhile stays as it is.</summary>
    /// <param name="reason">The reason of the failure.</param>
    public Task PostponeAsync(Job job, string reason) => database.WriteAsync(async session =>
    {
        var (kind, now) = (job.Kind.ToWire(), clock.Now);
        var before = await session.OneAsync(
            JobSql.Failures, row => row.Number(0), job.OrgId, kind, job.SubjectId, job.DueAt, _owner);
        var doubled = AfterFailure * Math.Pow(2, Math.Clamp(before, 0, 30));
        var until = now + (doubled < AfterFailureMax ? doubled : AfterFailureMax);
        await session.LaterAsync(JobSql.Postpone, until, now, before + 1, reason, job.OrgId, kind, job.SubjectId, job.DueAt, _owner);
    });

    /// <summary>Waits until no other server works on a job. To be called only while no server can claim any.</summary>
    public async Task WaitForOthersAsync(CancellationToken stop)
    {
        while (database.IsShared && await OthersWorkAsync())
            await Task.Delay(BetweenLooks, clock.Wall, stop);
    }

    private ValueTask<bool> OthersWorkAsync() => database.ReadAsync(async session =>
    {
        foreach (var orgId in await AcrossOrgs.OrgsAsync(session))
        {
            if (await session.AnyAsync(JobSql.HeldByOthers, orgId, LeaseTime, _owner))
                return true;
        }
        return false;
    });

    /// <summary>Claims due jobs of a lane, shared among orgs: an org with ten jobs does not wait behind one with 100,000.</summary>
    /// <param name="budget">The budget that the jobs need; empty: they need none.</param>
    /// <param name="max">The most jobs in all.</param>
    public async Task<List<Job>> ClaimAsync(Lane lane, string budget, DateTimeOffset now, int max)
    {
        var at = LeaseTime;
        var orgs = await database.ReadAsync(session =>
            session.ListAsync(JobSql.OrgsWithDue, row => row.Id(0), (long)lane, budget, now, at));
        if (orgs.Count == 0)
            return [];
        var first = _turns.Next(orgs.Count);
        var count = Math.Min(orgs.Count, max);
        // All at once: one after the other, each would wait for the writer.
        var ofOrgs = await Task.WhenAll(Enumerable.Range(first, count).Select(i =>
            ClaimAsync(orgs[i % orgs.Count], lane, [(budget, max / count)], now, at)));
        return [.. ofOrgs.SelectMany(jobs => jobs).OrderBy(job => job.DueAt)];
    }

    /// <summary>Claims due jobs of a lane by budgets, for each at most the given number; one transaction for each org.</summary>
    public async Task<List<Job>> ClaimAsync(Lane lane, IReadOnlyCollection<(Guid OrgId, string Budget, int Max)> shares, DateTimeOffset now)
    {
        var at = LeaseTime;
        var claimed = await Task.WhenAll(shares.GroupBy(share => share.OrgId, share => (share.Budget, share.Max))
            .Select(org => ClaimAsync(org.Key, lane, org, now, at)));
        return [.. claimed.SelectMany(jobs => jobs)];
    }

    /// <summary>
    /// Claims in one transaction. Claims nothing while another server moves the clock; that server has waited for the claims under way.
    /// </summary>
    private async Task<List<Job>> ClaimAsync(
        Guid orgId, Lane lane, IEnumerable<(string Budget, int Max)> shares, DateTimeOffset now, DateTimeOffset at)
    {
        try
        {
            var claimed = await database.WriteAsync(async session =>
            {
                if (!clock.Moving)
                    await session.StayOutAsync(Section.Clock);
                var rows = new List<(string Kind, Job Job)>();
                foreach (var (budget, max) in shares)
                {
                    rows.AddRange(await session.ListAsync(
                        JobSql.Claim, row => (row.Text(0), new Job(orgId, default, row.Id(1), row.Time(2), budget)),
                        orgId, (long)lane, budget, now, at, max, _owner, at + settings.Lease));
                }
                return rows;
            });
            return Known(claimed);
        }
        catch (LostRaceException)
        {
            return [];
        }
    }

    private List<Job> Known(List<(string Kind, Job Job)> claimed)
    {
        var known = new List<Job>(claimed.Count);
        foreach (var (name, job) in claimed)
        {
            if (JobKindNames.Words.Find(name) is { } kind)
                known.Add(job with { Kind = kind });
            else if (_unknown.TryAdd(name, true))
                log.LogWarning("Jobs of the kind {Kind} are not known to this server. They stay for one of a newer version.", name);
        }
        return known;
    }

    /// <summary>
    /// The budgets that free jobs of a lane need, and when the first job of each is due. A distributed store cannot look through several
    /// orgs by recursion, so orgs whose jobs need more than one budget are asked one by one.
    /// </summary>
    public ValueTask<List<(Guid OrgId, string Budget, DateTimeOffset DueAt)>> BudgetsAsync(Lane lane) => database.ReadAsync(async session =>
    {
        var at = LeaseTime;
        var firsts = await session.ListAsync(JobSql.FirstBudgets,
            row => (OrgId: row.Id(0), Budget: row.Text(1), DueAt: row.Time(2), IsOnly: row.Text(1) == row.Text(3)), (long)lane, at);
        var several = firsts.Where(first => !first.IsOnly).Select(first => first.OrgId).ToList();
        var all = await session.ListEachAsync(JobSql.Budgets, several,
            (orgId, row) => (OrgId: orgId, Budget: row.Text(0), DueAt: row.TimeOrNull(1)), (long)lane, at);
        List<(Guid OrgId, string Budget, DateTimeOffset DueAt)> free = [.. firsts.Where(first => first.IsOnly)
            .Select(first => (first.OrgId, first.Budget, first.DueAt))];
        free.AddRange(all.Where(budget => budget.DueAt is not null).Select(budget => (budget.OrgId, budget.Budget, budget.DueAt!.Value)));
        return free;
    });

    /// <summary>The time at which the next free job of a lane is due; null: there is none.</summary>
    public ValueTask<DateTimeOffset?> NextDueAsync(Lane lane, string budget) => database.ReadAsync(session =>
        session.OneAsync(JobSql.NextDue, row => row.TimeOrNull(0), (long)lane, budget, LeaseTime));

    /// <summary>
    /// Makes every job due that was put later than now, that is, before the clock was set back: its own time would come only once the clock
    /// has caught up. Its worker then decides anew. Leases are shortened likewise. Says how many jobs that were.
    /// </summary>
    public async Task<int> BringForwardAsync(DateTimeOffset now)
    {
        var brought = 0;
        foreach (var orgId in await database.ReadAsync(AcrossOrgs.OrgsAsync))
        {
            await database.WriteAsync(session => session.ExecuteAsync(JobSql.ShortenLeases, LeaseTime + settings.Lease, orgId));
            for (var (kind, last) = ("", Guid.Empty); ;)
            {
                var jobs = await database.ReadAsync(session => session.ListAsync(JobSql.After,
                    row => (Kind: row.Text(0), Id: row.Id(1), SetAt: row.Time(2)), orgId, kind, last, LookedAtMax));
                var ahead = jobs.Where(job => job.SetAt > now).ToList();
                if (ahead.Count > 0)
                {
                    await database.WriteAsync(async session =>
                    {
                        foreach (var job in ahead)
                            await session.LaterAsync(JobSql.BringForward, now, orgId, job.Kind, job.Id);
                    });
                }
                brought += ahead.Count;
                if (jobs.Count < LookedAtMax)
                    break;
                (kind, last) = (jobs[^1].Kind, jobs[^1].Id);
            }
        }
        foreach (var lane in Enum.GetValues<Lane>())
            Wake(lane);
        return brought;
    }

    /// <summary>Frees all jobs of the embedded store: it belongs to one process, so every lease of an earlier one is void.</summary>
    public Task VoidLeasesAsync() => database.WriteAsync(session => session.ExecuteAsync(JobSql.VoidLeases));
}
