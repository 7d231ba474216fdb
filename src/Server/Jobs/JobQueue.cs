using System.Collections.Concurrent;
using System.Security.Cryptography;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Jobs;

/// <summary>The kind of a job; its subject is the operation, delivery, SIM or Command of that id.</summary>
internal enum JobKind
{
    Operation,
    Delivery,
    Timer,
    Command,
    DataLimit,
}

/// <summary>The order in which due work is taken, and which worker takes it.</summary>
internal enum Lane
{
    /// <summary>Blocking a SIM: suspend, deactivate.</summary>
    Urgent = 0,

    /// <summary>All other operations.</summary>
    Operations = 1,

    Deliveries = 2,

    Timers = 3,

    /// <summary>Operations that a carrier is working on: to ask again needs none of its budget.</summary>
    Polls = 4,

    /// <summary>Commands that are to be sent, checked for receipts, or removed.</summary>
    Commands = 5,

    /// <summary>Apply data limits; reset them monthly.</summary>
    DataLimits = 6,
}

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

    public static readonly Sql Put = new("""
        insert into jobs (org_id, kind, subject_id, lane, budget, due_at) values (@org_id, @kind, @subject_id, @lane, @budget, @due_at)
        on conflict (org_id, kind, subject_id) do update
          set lane = @lane, budget = @budget, due_at = @due_at, lease_owner = null, lease_until = null
        """);

    private static readonly Sql PutNew = new("""
        insert into jobs (org_id, kind, subject_id, lane, budget, due_at) values (@org_id, @kind, @subject_id, @lane, @budget, @due_at)
        on conflict (org_id, kind, subject_id) do nothing
        """);

    public static readonly Sql Delete = new("delete from jobs where org_id = @org_id and kind = @kind and subject_id = @subject_id");

    /// <summary>Finds orgs with due work: one index probe per org.</summary>
    private static readonly Sql OrgsWithDue = new("""
        select org_id from orgs o where exists (select 1 from jobs j where j.org_id = o.org_id and j.lane = @lane and j.budget = @budget
          and j.due_at <= @now and (j.lease_until is null or j.lease_until < @wall))
        """);

    /// <summary>
    /// Picks the rows once, before any is changed: otherwise PostgreSQL could pick again for each, and take more than it may.
    /// </summary>
    private static readonly Sql Claim = new($"""
        with due as (
          select kind, subject_id from jobs where org_id = @org_id and lane = @lane and budget = @budget and due_at <= @now
            and (lease_until is null or lease_until < @wall)
          order by due_at limit @limit {Sql.SkipLocked})
        update jobs set lease_owner = @owner, lease_until = @until
        where org_id = @org_id and (kind, subject_id) in (select kind, subject_id from due) returning kind, subject_id, due_at
        """);

    /// <summary>
    /// Finds the first free job of each org, by budget and time, and the last budget that its jobs need: index probes per org.
    /// </summary>
    private static readonly Sql FirstBudgets = new("""
        select org_id, budget, due_at, last from (
          select o.org_id,
            (select j.budget from jobs j where j.org_id = o.org_id and j.lane = @lane
              and (j.lease_until is null or j.lease_until < @wall) order by j.budget, j.due_at limit 1) as budget,
            (select j.due_at from jobs j where j.org_id = o.org_id and j.lane = @lane
              and (j.lease_until is null or j.lease_until < @wall) order by j.budget, j.due_at limit 1) as due_at,
            (select max(j.budget) from jobs j where j.org_id = o.org_id and j.lane = @lane) as last
          from orgs o) free
        where budget is not null
        """);

    /// <summary>
    /// Finds every budget that an org's jobs of a lane need, and when its first free job is due: two index probes for each.
    /// </summary>
    private static readonly Sql Budgets = new("""
        with recursive budgets (budget) as (
          select min(budget) from jobs where org_id = @org_id and lane = @lane
          union all
          select (select min(j.budget) from jobs j where j.org_id = @org_id and j.lane = @lane and j.budget > b.budget)
          from budgets b where b.budget is not null)
        select b.budget, (select j.due_at from jobs j where j.org_id = @org_id and j.lane = @lane and j.budget = b.budget
          and (j.lease_until is null or j.lease_until < @wall) order by j.due_at limit 1)
        from budgets b where b.budget is not null
        """);

    /// <summary>Finds when the next free job of a lane and budget is due: one index probe per org.</summary>
    private static readonly Sql NextDue = new("""
        select min((select min(j.due_at) from jobs j where j.org_id = o.org_id and j.lane = @lane and j.budget = @budget
          and (j.lease_until is null or j.lease_until < @wall))) from orgs o
        """);

    private static readonly Sql Renew = new("""
        update jobs set lease_until = @until where org_id = @org_id and kind = @kind and subject_id = @subject_id and lease_owner = @owner
        """);

    private static readonly Sql Free = new("""
        update jobs set lease_owner = null, lease_until = null
        where org_id = @org_id and kind = @kind and subject_id = @subject_id and lease_owner = @owner
        """);

    /// <summary>
    /// Sorts by the index of the leases. Without that order PostgreSQL would scan all jobs in the hope of meeting a lease soon.
    /// </summary>
    private static readonly Sql HeldByOthers = new("""
        select 1 from jobs where org_id = @org_id and lease_until >= @wall and lease_owner <> @owner order by lease_until desc limit 1
        """);

    private static readonly Sql TakenByOthers = new("""
        select kind, subject_id from jobs where org_id = @org_id and lease_until >= @wall and lease_owner <> @owner
        """);

    private static readonly Sql VoidLeases = new("update jobs set lease_owner = null, lease_until = null where lease_until is not null");

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly string _owner = $"{Environment.MachineName}:{Environment.ProcessId}:{RandomNumberGenerator.GetHexString(8)}";
    private readonly Turns _turns = new();
    private readonly ConcurrentDictionary<string, bool> _unknown = new(StringComparer.Ordinal);

    /// <summary>Raised after a commit that wrote jobs, so that their worker need not wait for its next look.</summary>
    public event Action<Lane>? Written;

    /// <summary>Writes or moves a job. A job that is held under a lease becomes free.</summary>
    public static ValueTask PutAsync(
        Session session, Guid orgId, JobKind kind, Guid subjectId, Lane lane, DateTimeOffset dueAt, string budget = "") =>
        session.LaterAsync(Put, orgId, Name(kind), subjectId, (long)lane, budget, dueAt);

    /// <summary>Writes a job unless its subject has one.</summary>
    public static ValueTask PutNewAsync(
        Session session, Guid orgId, JobKind kind, Guid subjectId, Lane lane, DateTimeOffset dueAt, string budget = "") =>
        session.LaterAsync(PutNew, orgId, Name(kind), subjectId, (long)lane, budget, dueAt);

    public static ValueTask DeleteAsync(Session session, Guid orgId, JobKind kind, Guid subjectId) =>
        session.LaterAsync(Delete, orgId, Name(kind), subjectId);

    /// <summary>Tells the workers of this server and of the others that jobs of this lane were committed.</summary>
    public void Wake(Lane lane)
    {
        Written?.Invoke(lane);
        signals.Tell(lane.ToString());
    }

    /// <summary>Wakes this server's workers after another server has written jobs.</summary>
    public void Heard(string word)
    {
        if (Enum.TryParse<Lane>(word, out var lane))
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
            await session.LaterAsync(Renew, at + settings.Lease, job.OrgId, Name(job.Kind), job.SubjectId, _owner);
        if (!database.IsShared || ofOrg.Count == 0)
            return [];
        var taken = (await session.ListAsync(TakenByOthers, row => (row.Text(0), row.Id(1)), ofOrg.First().OrgId, at, _owner)).ToHashSet();
        return ofOrg.Where(job => taken.Contains((Name(job.Kind), job.SubjectId))).ToList();
    });

    /// <summary>Gives a claimed job back unchanged.</summary>
    public Task FreeAsync(Job job) =>
        database.WriteAsync(session => session.ExecuteAsync(Free, job.OrgId, Name(job.Kind), job.SubjectId, _owner));

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
            if (await session.AnyAsync(HeldByOthers, orgId, LeaseTime, _owner))
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
        var orgs = await database.ReadAsync(session => session.ListAsync(OrgsWithDue, row => row.Id(0), (long)lane, budget, now, at));
        var claimed = new List<Job>();
        if (orgs.Count == 0)
            return claimed;
        var first = _turns.Next(orgs.Count);
        for (var i = 0; i < orgs.Count && claimed.Count < max; i++)
        {
            var orgId = orgs[(first + i) % orgs.Count];
            var share = Math.Max(1, (max - claimed.Count) / (orgs.Count - i));
            claimed.AddRange(await ClaimAsync(orgId, lane, [(budget, share)], now, at));
        }
        claimed.Sort((a, b) => a.DueAt.CompareTo(b.DueAt));
        return claimed;
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
                        Claim, row => (row.Text(0), new Job(orgId, default, row.Id(1), row.Time(2), budget)),
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
            if (Kind(name) is { } kind)
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
        var firsts = await session.ListAsync(FirstBudgets,
            row => (OrgId: row.Id(0), Budget: row.Text(1), DueAt: row.Time(2), IsOnly: row.Text(1) == row.Text(3)), (long)lane, at);
        var several = firsts.Where(first => !first.IsOnly).Select(first => first.OrgId).ToList();
        var all = await session.ListEachAsync(Budgets, several,
            (orgId, row) => (OrgId: orgId, Budget: row.Text(0), DueAt: row.TimeOrNull(1)), (long)lane, at);
        List<(Guid OrgId, string Budget, DateTimeOffset DueAt)> free = [.. firsts.Where(first => first.IsOnly)
            .Select(first => (first.OrgId, first.Budget, first.DueAt))];
        free.AddRange(all.Where(budget => budget.DueAt is not null).Select(budget => (budget.OrgId, budget.Budget, budget.DueAt!.Value)));
        return free;
    });

    /// <summary>The time at which the next free job of a lane is due; null: there is none.</summary>
    public ValueTask<DateTimeOffset?> NextDueAsync(Lane lane, string budget) => database.ReadAsync(session =>
        session.OneAsync(NextDue, row => row.TimeOrNull(0), (long)lane, budget, LeaseTime));

    /// <summary>Frees all jobs of the embedded store: it belongs to one process, so every lease of an earlier one is void.</summary>
    public Task VoidLeasesAsync() => database.WriteAsync(session => session.ExecuteAsync(VoidLeases));

    private static string Name(JobKind kind) => kind switch
    {
        JobKind.Operation => "operation",
        JobKind.Delivery => "delivery",
        JobKind.Timer => "timer",
        JobKind.Command => "command",
        JobKind.DataLimit => "data limit",
    };

    private static JobKind? Kind(string name) => name switch
    {
        "operation" => JobKind.Operation,
        "delivery" => JobKind.Delivery,
        "timer" => JobKind.Timer,
        "command" => JobKind.Command,
        "data limit" => JobKind.DataLimit,
        _ => null,
    };
}
