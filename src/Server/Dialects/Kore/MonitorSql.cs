using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>An event that Monitor shows, as stored.</summary>
internal sealed record MonitorEvent(Guid Id, Guid SimId, Guid AccountId, bool ByAccount, string? ActorSid, string? Address, string Data);

/// <summary>The statements on the events that Monitor shows: those that have its mark.</summary>
internal static class MonitorSql
{
    private const string Columns = "e.id, e.sim_id, e.account_id, e.actor_kind, e.actor_sid, e.actor_address, e.data";

    /// <summary>An event of an account, or one that is shown to it too.</summary>
    public static readonly Sql ById = new($"""
        select {Columns} from events e where e.org_id = @org_id and e.id = @id and e.monitor_id is not null
          and (e.account_id = @account_id or exists (select 1 from monitor_copies c
            where c.org_id = @org_id and c.account_id = @account_id and c.event_id = @id))
        """);

    public static readonly Sql Older = Range("", "desc"), Newer = Range("", "asc");
    public static readonly Sql OlderOfSim = Range("and e.sim_id = @value", "desc"), NewerOfSim = Range("and e.sim_id = @value", "asc");

    public static readonly Sql OlderByActor = Range("and e.actor_kind = 'account' and e.actor_sid = @value", "desc"),
        NewerByActor = Range("and e.actor_kind = 'account' and e.actor_sid = @value", "asc");

    public static readonly Sql OlderFromAddress = Range("and e.actor_kind = 'account' and e.actor_address = @value", "desc"),
        NewerFromAddress = Range("and e.actor_kind = 'account' and e.actor_address = @value", "asc");

    /// <summary>Marks an event. The mark is the id again, so that a planner reads a list in the order of the filter's index.</summary>
    public static readonly Sql Mark = new("update events set monitor_id = id where org_id = @org_id and id = @id");

    /// <summary>Shows a marked event to another account too.</summary>
    public static readonly Sql Copy = new(
        "insert into monitor_copies (org_id, account_id, event_id) values (@org_id, @account_id, @event_id)");

    public static MonitorEvent Read(Row row) => new(
        row.Id(0), row.Id(1), row.Id(2), row.Text(3) == "account", row.TextOrNull(4), row.TextOrNull(5), row.Text(6));

    /// <summary>The account's own events and those that are shown to it too, each by its index, merged.</summary>
    private static Sql Range(string filter, string order) => new($"""
        select * from (
          select {Columns} from events e where e.org_id = @org_id and e.account_id = @account_id {filter}
            and e.monitor_id > @lower and e.monitor_id < @upper order by e.monitor_id {order} limit @limit) own
        union all
        select * from (
          select {Columns} from monitor_copies c join events e on e.org_id = c.org_id and e.id = c.event_id
          where c.org_id = @org_id and c.account_id = @account_id {filter}
            and c.event_id > @lower and c.event_id < @upper order by c.event_id {order} limit @limit) shown
        order by 1 {order} limit @limit
        """);
}
