using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>An event that Monitor shows, as stored.</summary>
internal sealed record MonitorEvent(Guid Id, Guid SimId, Guid AccountId, bool ByAccount, string? ActorSid, string? Address, string Data);

/// <summary>The statements on the events that Monitor shows: those that have its mark.</summary>
internal static class MonitorSql
{
    private const string Select = "select id, sim_id, account_id, actor_kind, actor_sid, actor_address, data from events";

    public static readonly Sql ById = new($"{Select} where org_id = @org_id and id = @id and monitor_id is not null");
    public static readonly Sql Older = Range("", "desc"), Newer = Range("", "asc");
    public static readonly Sql OlderOfSim = Range("and sim_id = @value", "desc"), NewerOfSim = Range("and sim_id = @value", "asc");

    public static readonly Sql OlderByActor = Range("and actor_kind = 'account' and actor_sid = @value", "desc"),
        NewerByActor = Range("and actor_kind = 'account' and actor_sid = @value", "asc");

    public static readonly Sql OlderFromAddress = Range("and actor_kind = 'account' and actor_address = @value", "desc"),
        NewerFromAddress = Range("and actor_kind = 'account' and actor_address = @value", "asc");

    /// <summary>Marks an event. The mark is the id again, so that a planner reads a list in the order of the filter's index.</summary>
    public static readonly Sql Mark = new("update events set monitor_id = id where org_id = @org_id and id = @id");

    public static MonitorEvent Read(Row row) => new(
        row.Id(0), row.Id(1), row.Id(2), row.Text(3) == "account", row.TextOrNull(4), row.TextOrNull(5), row.Text(6));

    private static Sql Range(string filter, string order) => new($"""
        {Select} where org_id = @org_id and account_id = @account_id {filter} and monitor_id > @lower and monitor_id < @upper
        order by monitor_id {order} limit @limit
        """);
}
