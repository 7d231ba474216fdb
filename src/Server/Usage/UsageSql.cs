using Simkeeper.Core;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>The statements on data sessions and what was used.</summary>
internal static class UsageSql
{
    /// <summary>Which org has the SIM of this id: one index probe per org.</summary>
    public static readonly Sql OrgOfSim = new("select s.org_id from orgs o cross join sims s where s.org_id = o.org_id and s.id = @id");

    /// <summary>Of two batches about one SIM, the second reads what the first has counted.</summary>
    public static readonly Sql Hold = new($"select 1 from sims where org_id = @org_id and id = @id {Sql.Held}");

    public static readonly Sql Subscriber = new("""
        select account_id, imsi, status, status_since, rate_plan_id,
          (select max(at) from sim_moves m where m.org_id = @org_id and m.sim_id = @id) from sims
        where org_id = @org_id and id = @id
        """);

    public static readonly Sql Session = DataSessionTable.Rows.Select("where org_id = @org_id and sim_id = @sim_id and session = @session");

    public static readonly Sql PutSession = DataSessionTable.Rows.Put();

    /// <summary>The marks of a session, oldest first.</summary>
    public static readonly Sql Marks = UsageMarkTable.Rows.Select("where org_id = @org_id and session_id = @session_id order by at");

    public static readonly Sql PutMark = UsageMarkTable.Rows.Put();

    public static readonly Sql AddToSim = UsageHourTable.OfSims.Add();

    public static readonly Sql AddToSecond = UsageHourTable.Seconds.Add();

    public static readonly Sql AddToAccount = UsageHourTable.OfAccounts.Add();

    /// <summary>The use in periods, by place, as <see cref="ReadCount"/> reads it.</summary>
    public static readonly Sql OfSim = new($"""
        select hour / @step as period, roaming, {Sums(column => column)} from usage_hours
        where org_id = @org_id and sim_id = @sim_id and account_id = @account_id and hour >= @from and hour < @to
        group by 1, 2 order by 1, 2
        """);

    public static readonly Sql OfAccount = new($"""
        select hour / @step as period, roaming, {Sums(column => column)} from account_usage_hours
        where org_id = @org_id and account_id = @account_id and hour >= @from and hour < @to
        group by 1, 2 order by 1, 2
        """);

    /// <summary>
    /// Of an hour: for each place, the use in a window of seconds, and all that is known by seconds. The rest of the hour is in its sum
    /// only.
    /// </summary>
    public static readonly Sql SecondsOfSim = Seconds("and sim_id = @sim_id"), SecondsOfAccount = Seconds("");

    public static readonly Sql OlderSessions = DataSessionTable.Rows.Select("""
        where org_id = @org_id and sim_id = @sim_id and account_id = @account_id and reported_at >= @since and id < @cursor
        order by id desc limit @limit
        """);

    public static readonly Sql NewerSessions = DataSessionTable.Rows.Select("""
        where org_id = @org_id and sim_id = @sim_id and account_id = @account_id and reported_at >= @since and id > @cursor
        order by id limit @limit
        """);

    public static readonly Sql AnyOlder = new(
        "select 1 from data_sessions where org_id = @org_id and sim_id = @sim_id and id < @before_id limit 1");

    public static readonly Sql DropMarks = new("""
        delete from usage_marks where org_id = @org_id and session_id in (
          select id from data_sessions where org_id = @org_id and sim_id = @sim_id and id < @before_id and reported_at < @before)
        """);

    public static readonly Sql DropSessions = new(
        "delete from data_sessions where org_id = @org_id and sim_id = @sim_id and id < @before_id and reported_at < @before");

    public static readonly Sql DropHours = new("delete from usage_hours where org_id = @org_id and sim_id = @sim_id and hour < @before");

    public static readonly Sql DropSeconds = new("delete from usage_seconds where org_id = @org_id and sim_id = @sim_id and at < @before");

    public static readonly Sql DropAccountHours = new(
        "delete from account_usage_hours where org_id = @org_id and account_id = @account_id and hour < @before");

    /// <summary>The columns that <see cref="ReadCount"/> reads.</summary>
    public const int CountColumns = 8;

    /// <summary>Reads the sums that begin with this column.</summary>
    public static UsageCount ReadCount(Row row, string roaming, int first)
    {
        long At(int sum) => Sum.OfParts(row.Number(first + (2 * sum)), row.Number(first + (2 * sum) + 1));
        return new(roaming, At(0), At(1), At(2), At(3));
    }

    private static Sql Seconds(string ofSim) =>
        new($"""
            select roaming, {Sums(column => $"(case when at >= @from and at < @to then {column} else 0 end)")}, {Sums(column => column)}
            from usage_seconds
            where org_id = @org_id {ofSim} and account_id = @account_id and at >= @hour and at < @next_hour
            group by 1
            """);

    /// <summary>
    /// The sums of the four counts, each in the parts of <see cref="Sum.OfParts"/>: a store cannot answer with a sum that runs over.
    /// </summary>
    private static string Sums(Func<string, string> of) => string.Join(", ",
        "uploaded,downloaded,from_sim,to_sim".Split(',').Select(column =>
            $"cast(sum({of(column)} / {Sum.PartSize}) as bigint), cast(sum({of(column)} % {Sum.PartSize}) as bigint)"));
}
