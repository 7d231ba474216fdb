using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>The statements that remove copies of old events.</summary>
internal static class OldCopySql
{
    /// <summary>Finds orgs that have any: one index probe per org.</summary>
    public static readonly Sql Orgs = new(
        "select org_id from orgs o where exists (select 1 from monitor_copies c where c.org_id = o.org_id and c.event_id < @before)");

    /// <summary>Finds the oldest of an org, and skips those that another server is removing.</summary>
    public static readonly Sql Oldest = new($"""
        select event_id from monitor_copies where org_id = @org_id and event_id < @before
        order by event_id limit @limit {Sql.SkipLocked}
        """);

    public static readonly Sql Remove = new(
        "delete from monitor_copies where org_id = @org_id and event_id between @first and @last");
}
