using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>The statements that find old usage and remove old moves.</summary>
internal static class OldUsageSql
{
    /// <summary>Finds orgs that have any: one index probe per org.</summary>
    public static readonly Sql OrgsWithMoves = new(
        "select org_id from orgs o where exists (select 1 from sim_moves m where m.org_id = o.org_id and m.at < @before)");

    /// <summary>Finds the oldest of an org, and skips those that another server is removing.</summary>
    public static readonly Sql OldestMoves = new(
        $"select at from sim_moves where org_id = @org_id and at < @before order by at limit @limit {Sql.SkipLocked}");

    public static readonly Sql RemoveMoves = new("delete from sim_moves where org_id = @org_id and at between @first and @last");

    /// <summary>Finds the next SIM that has usage, and its oldest hour: one index probe.</summary>
    public static readonly Sql NextSim = new("""
        select sim_id, hour from usage_hours where org_id = @org_id and sim_id > @after order by sim_id, hour limit 1
        """);

    /// <summary>Finds the next account that has usage, and its oldest hour: one index probe.</summary>
    public static readonly Sql NextAccount = new("""
        select account_id, hour from account_usage_hours where org_id = @org_id and account_id > @after order by account_id, hour limit 1
        """);
}
