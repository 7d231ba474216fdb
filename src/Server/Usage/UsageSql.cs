using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>The statements on data sessions and what was used.</summary>
internal static class UsageSql
{
    public const string SessionColumns = """
        org_id, sim_id, session, id, account_id, started_at, ended_at, reported_at, marked_at, uploaded, downloaded, roaming, mcc, mnc,
        network_at, radio, radio_at, imei, imei_at
        """;

    /// <summary>Which org has the SIM of this id: one index probe per org.</summary>
    public static readonly Sql OrgOfSim = new("select s.org_id from orgs o cross join sims s where s.org_id = o.org_id and s.id = @id");

    /// <summary>Of two batches about one SIM, the second reads what the first has counted.</summary>
    public static readonly Sql Hold = new($"select 1 from sims where org_id = @org_id and id = @id {Sql.Held}");

    public static readonly Sql Subscriber = new("""
        select account_id, imsi, status, status_since, rate_plan_id,
          (select max(at) from sim_moves m where m.org_id = @org_id and m.sim_id = @id) from sims
        where org_id = @org_id and id = @id
        """);

    public static readonly Sql Moves = new(
        "select at, account_id from sim_moves where org_id = @org_id and sim_id = @sim_id order by at");

    public static readonly Sql Session = new($"""
        select {SessionColumns} from data_sessions where org_id = @org_id and sim_id = @sim_id and session = @session
        """);

    public static readonly Sql PutSession = new($"""
        insert into data_sessions ({SessionColumns})
        values (@org_id, @sim_id, @session, @id, @account_id, @started_at, @ended_at, @reported_at, @marked_at, @uploaded, @downloaded,
          @roaming, @mcc, @mnc, @network_at, @radio, @radio_at, @imei, @imei_at)
        on conflict (org_id, sim_id, session) do update set account_id = @account_id, started_at = @started_at, ended_at = @ended_at,
          reported_at = @reported_at, marked_at = @marked_at, uploaded = @uploaded, downloaded = @downloaded, roaming = @roaming,
          mcc = @mcc, mnc = @mnc, network_at = @network_at, radio = @radio, radio_at = @radio_at, imei = @imei, imei_at = @imei_at
        """);

    public static readonly Sql Marks = new("""
        select at, account_id, uploaded, downloaded from usage_marks where org_id = @org_id and session_id = @session_id order by at
        """);

    public static readonly Sql PutMark = new("""
        insert into usage_marks (org_id, session_id, at, account_id, uploaded, downloaded)
        values (@org_id, @session_id, @at, @account_id, @uploaded, @downloaded)
        on conflict (org_id, session_id, at) do update set uploaded = @uploaded, downloaded = @downloaded
        """);

    public static readonly Sql AddToSim = new("""
        insert into usage_hours (org_id, sim_id, hour, account_id, roaming, uploaded, downloaded, from_sim, to_sim)
        values (@org_id, @sim_id, @hour, @account_id, @roaming, @uploaded, @downloaded, @from_sim, @to_sim)
        on conflict (org_id, sim_id, hour, account_id, roaming) do update set uploaded = usage_hours.uploaded + @uploaded,
          downloaded = usage_hours.downloaded + @downloaded, from_sim = usage_hours.from_sim + @from_sim,
          to_sim = usage_hours.to_sim + @to_sim
        """);

    public static readonly Sql AddToAccount = new("""
        insert into account_usage_hours (org_id, account_id, hour, roaming, stripe, uploaded, downloaded, from_sim, to_sim)
        values (@org_id, @account_id, @hour, @roaming, @stripe, @uploaded, @downloaded, @from_sim, @to_sim)
        on conflict (org_id, account_id, hour, roaming, stripe) do update set uploaded = account_usage_hours.uploaded + @uploaded,
          downloaded = account_usage_hours.downloaded + @downloaded, from_sim = account_usage_hours.from_sim + @from_sim,
          to_sim = account_usage_hours.to_sim + @to_sim
        """);

    public static readonly Sql OfSim = new("""
        select hour / @step as period, roaming, cast(sum(uploaded) as bigint), cast(sum(downloaded) as bigint),
          cast(sum(from_sim) as bigint), cast(sum(to_sim) as bigint) from usage_hours
        where org_id = @org_id and sim_id = @sim_id and account_id = @account_id and hour >= @from and hour < @to
        group by 1, 2 order by 1, 2
        """);

    public static readonly Sql OfAccount = new("""
        select hour / @step as period, roaming, cast(sum(uploaded) as bigint), cast(sum(downloaded) as bigint),
          cast(sum(from_sim) as bigint), cast(sum(to_sim) as bigint) from account_usage_hours
        where org_id = @org_id and account_id = @account_id and hour >= @from and hour < @to
        group by 1, 2 order by 1, 2
        """);

    public static readonly Sql OlderSessions = new($"""
        select {SessionColumns} from data_sessions where org_id = @org_id and sim_id = @sim_id and account_id = @account_id
          and reported_at >= @since and id < @cursor order by id desc limit @limit
        """);

    public static readonly Sql NewerSessions = new($"""
        select {SessionColumns} from data_sessions where org_id = @org_id and sim_id = @sim_id and account_id = @account_id
          and reported_at >= @since and id > @cursor order by id limit @limit
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

    public static readonly Sql DropAccountHours = new(
        "delete from account_usage_hours where org_id = @org_id and account_id = @account_id and hour < @before");
}
