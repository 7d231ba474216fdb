using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operations;

/// <summary>The statements that remove old operations.</summary>
internal static class OldOperationSql
{
    /// <summary>Finds orgs that have any: one index probe per org.</summary>
    public static readonly Sql Orgs = new("""
        select org_id from orgs o where exists (
          select 1 from operations p where p.org_id = o.org_id and p.state = @state and p.id < @before)
        """);

    /// <summary>Finds the oldest of an org, and skips those that another server is removing.</summary>
    public static readonly Sql Oldest = new($"""
        select id from operations where org_id = @org_id and state = @state and id < @before order by id limit @limit {Sql.SkipLocked}
        """);

    public static readonly Sql Remove = new(
        "delete from operations where org_id = @org_id and state = @state and id between @first and @last");
}
