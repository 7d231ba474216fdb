using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The statements that remove old events.</summary>
internal static class OldEventSql
{
    /// <summary>Finds orgs that have any: one index probe per org.</summary>
    public static readonly Sql Orgs = new(
        "select org_id from orgs o where exists (select 1 from events e where e.org_id = o.org_id and e.id < @before)");

    /// <summary>Finds the oldest of an org, and skips those that another server is removing.</summary>
    public static readonly Sql Oldest = new(
        $"select id from events where org_id = @org_id and id < @before order by id limit @limit {Sql.SkipLocked}");

    public static readonly Sql Remove = new("delete from events where org_id = @org_id and id between @first and @last");
}
