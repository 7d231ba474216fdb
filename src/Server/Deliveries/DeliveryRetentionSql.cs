using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>The statements that remove old deliveries and their attempts.</summary>
internal static class DeliveryRetentionSql
{
    /// <summary>Finds orgs that have any: one index probe per org.</summary>
    public static readonly Sql OrgsWithOld = new("""
        select org_id from orgs o where exists (
          select 1 from deliveries d where d.org_id = o.org_id and d.state = @state and d.id < @before)
        """);

    /// <summary>Finds the oldest, and skips those that another server is removing.</summary>
    public static readonly Sql Oldest = new($"""
        select id from deliveries where org_id = @org_id and state = @state and id < @before order by id limit @limit {Sql.SkipLocked}
        """);

    public static readonly Sql Remove = new(
        "delete from deliveries where org_id = @org_id and state = @state and id between @first and @last");

    /// <summary>Deletes the attempts of removed deliveries. Deliveries of another state lie between them and keep theirs.</summary>
    public static readonly Sql RemoveAttempts = new("""
        delete from attempts where org_id = @org_id and delivery_id between @first and @last and delivery_id not in (
          select id from deliveries where org_id = @org_id and id between @first and @last)
        """);
}
