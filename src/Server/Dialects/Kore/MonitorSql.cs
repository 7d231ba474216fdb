using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>An event that Monitor shows, as stored.</summary>
internal sealed record MonitorEvent(Guid Id, Guid SimId, Guid AccountId, bool ByAccount, string? ActorSid, string? Address, string Data);

/// <summary>The statements on the events that Monitor shows: those that have its mark.</summary>
internal static class MonitorSql
{
    private const string Columns = "id, sim_id, account_id, actor_kind, actor_sid, actor_address, data";

    /// <summary>Copies of events, which go when their events go (<c>Events:Purge</c>).</summary>
    public static readonly OldRowsSql OldCopies = OldRowsSql.ById("monitor_copies", "event_id");

    /// <summary>An event of an account, or one that is shown to it too.</summary>
    public static readonly Sql ById = new($"""
        select {Columns} from events where org_id = @org_id and id = @id and monitor_id is not null
          and (account_id = @account_id or exists (select 1 from monitor_copies c
            where c.org_id = @org_id and c.account_id = @account_id and c.event_id = @id))
        """);

    /// <summary>The events of an account: all, of a SIM, by an actor, from an address.</summary>
    public static readonly MonitorList
        All = new("", ""), OfSim = new("_sim", "sim_id"), OfActor = new("_actor", "actor_sid"),
        OfAddress = new("_address", "actor_address");

    /// <summary>The number of ids that <see cref="ByIds"/> takes; if there are fewer, one of them is repeated.</summary>
    public const int ByIdsMax = 32;

    public static readonly Sql ByIds = new($"""
        select {Columns} from events where org_id = @org_id
          and id in ({string.Join(", ", Enumerable.Range(0, ByIdsMax).Select(i => $"@id_{i}"))})
        """);

    /// <summary>Marks an event. The mark is the id again, so that a planner reads a list in the order of the filter's index.</summary>
    public static readonly Sql Mark = new("update events set monitor_id = id where org_id = @org_id and id = @id");

    /// <summary>Shows a marked event to another account too.</summary>
    public static readonly Sql Copy = new(
        """
        insert into monitor_copies (org_id, account_id, event_id, sim_id, actor_sid, actor_address)
        values (@org_id, @account_id, @event_id, @sim_id, @actor_sid, @actor_address)
        """);

    public static MonitorEvent Read(Row row) => new(
        row.Id(0), row.Id(1), row.Id(2), row.Text(3) == "account", row.TextOrNull(4), row.TextOrNull(5), row.Text(6));

    /// <summary>
    /// The two halves of a list: the account's own events, and those that are shown to it too, of which only the id is read.
    /// </summary>
    public sealed class MonitorList
    {
        /// <param name="suffix">The end of the names of both indexes.</param>
        /// <param name="by">The column of the filter; empty: none.</param>
        public MonitorList(string suffix, string by)
        {
            var columns = by.Length == 0 ? "account_id" : "account_id, " + by;
            Own = new("events_monitor" + suffix, "events", Columns, columns, by.StartsWith("actor", StringComparison.Ordinal)
                ? "monitor_id is not null and actor_kind = 'account'" : "monitor_id is not null", id: "monitor_id");
            Shown = new(by.Length == 0 ? "" : "monitor_copies" + suffix, "monitor_copies", "event_id", columns, id: "event_id");
        }

        public ListIndex Own { get; }

        public ListIndex Shown { get; }
    }
}
