using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Jobs;

/// <summary>The statements on jobs.</summary>
internal static class JobSql
{
    public static readonly Sql Put = new("""
        insert into jobs (org_id, kind, subject_id, lane, budget, due_at, set_at)
        values (@org_id, @kind, @subject_id, @lane, @budget, @due_at, @set_at)
        on conflict (org_id, kind, subject_id) do update
          set lane = @lane, budget = @budget, due_at = @due_at, set_at = @set_at, lease_owner = null, lease_until = null,
            failures = 0, last_error = null
        """);

    public static readonly Sql PutNew = new("""
        insert into jobs (org_id, kind, subject_id, lane, budget, due_at, set_at)
        values (@org_id, @kind, @subject_id, @lane, @budget, @due_at, @set_at)
        on conflict (org_id, kind, subject_id) do nothing
        """);

    public static readonly Sql Delete = new("delete from jobs where org_id = @org_id and kind = @kind and subject_id = @subject_id");

    /// <summary>Finds orgs with due work: one index probe per org.</summary>
    public static readonly Sql OrgsWithDue = new("""
        select org_id from orgs o where exists (select 1 from jobs j where j.org_id = o.org_id and j.lane = @lane and j.budget = @budget
          and j.due_at <= @now and (j.lease_until is null or j.lease_until < @wall))
        """);

    /// <summary>
    /// Picks the rows once, before any is changed: otherwise PostgreSQL could pick again for each, and take more than it may.
    /// </summary>
    public static readonly Sql Claim = new($"""
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
    public static readonly Sql FirstBudgets = new("""
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
    public static readonly Sql Budgets = new("""
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
    public static readonly Sql NextDue = new("""
        select min((select min(j.due_at) from jobs j where j.org_id = o.org_id and j.lane = @lane and j.budget = @budget
          and (j.lease_until is null or j.lease_until < @wall))) from orgs o
        """);

    public static readonly Sql Renew = new("""
        update jobs set lease_until = @until where org_id = @org_id and kind = @kind and subject_id = @subject_id and lease_owner = @owner
        """);

    public static readonly Sql Free = new("""
        update jobs set lease_owner = null, lease_until = null
        where org_id = @org_id and kind = @kind and subject_id = @subject_id and lease_owner = @owner
        """);

    /// <summary>Finds how often a job has failed, if it is still the one that was claimed.</summary>
    public static readonly Sql Failures = new("""
        select failures from jobs where org_id = @org_id and kind = @kind and subject_id = @subject_id and due_at = @due_at
          and (lease_owner is null or lease_owner = @owner)
        """);

    /// <summary>Lets a failed job wait, if it is still the one that was claimed.</summary>
    public static readonly Sql Postpone = new("""
        update jobs set due_at = @until, set_at = @now, failures = @failures, last_error = @last_error,
          lease_owner = null, lease_until = null
        where org_id = @org_id and kind = @kind and subject_id = @subject_id and due_at = @due_at
          and (lease_owner is null or lease_owner = @owner)
        """);

    /// <summary>Counts the jobs of an org that have failed and wait. The order makes PostgreSQL take the index.</summary>
    public static readonly Sql CountFailed = new("""
        select count(*) from (select 1 from jobs where org_id = @org_id and failures > 0 order by failures limit @limit) counted
        """);

    /// <summary>
    /// Sorts by the index of the leases. Without that order PostgreSQL would scan all jobs in the hope of meeting a lease soon.
    /// </summary>
    public static readonly Sql HeldByOthers = new("""
        select 1 from jobs where org_id = @org_id and lease_until >= @wall and lease_owner <> @owner order by lease_until desc limit 1
        """);

    public static readonly Sql TakenByOthers = new("""
        select kind, subject_id from jobs where org_id = @org_id and lease_until >= @wall and lease_owner <> @owner
        """);

    /// <summary>Reads jobs in the order of their key, with the moment at which each was put.</summary>
    public static readonly Sql After = new("""
        select kind, subject_id, set_at from jobs where org_id = @org_id and (kind, subject_id) > (@kind, @subject_id)
        order by kind, subject_id limit @limit
        """);

    /// <summary>Makes a job due that was put later than now.</summary>
    public static readonly Sql BringForward = new("""
        update jobs set due_at = @now, set_at = @now
        where org_id = @org_id and kind = @kind and subject_id = @subject_id and set_at > @now
        """);

    /// <summary>Shortens leases that end later than any lease can that is made now.</summary>
    public static readonly Sql ShortenLeases = new("update jobs set lease_until = @until where org_id = @org_id and lease_until > @until");

    public static readonly Sql VoidLeases = new("update jobs set lease_owner = null, lease_until = null where lease_until is not null");

    /// <summary>
    /// Counts the due jobs of a lane, those of each budget up to a limit, and finds the oldest. It goes budget by budget: the index has
    /// budgets before times, and a query over all of them would read every job that is not due.
    /// </summary>
    public static readonly Sql CountDue = new("""
        with recursive budgets (budget) as (
          select (select min(budget) from jobs where org_id = @org_id and lane = @lane)
          union all
          select (select min(j.budget) from jobs j where j.org_id = @org_id and j.lane = @lane and j.budget > b.budget)
          from budgets b where b.budget is not null)
        select cast(coalesce(sum(due), 0) as bigint), min(oldest) from (
          select
            (select count(*) from (select 1 from jobs j where j.org_id = @org_id and j.lane = @lane and j.budget = b.budget
              and j.due_at <= @now limit @limit) counted) as due,
            (select min(j.due_at) from jobs j where j.org_id = @org_id and j.lane = @lane and j.budget = b.budget
              and j.due_at <= @now) as oldest
          from budgets b where b.budget is not null) of_budget
        """);
}
