using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The statements on events.</summary>
internal static class EventSql
{
    public static readonly Sql Insert = EventTable.Rows.Insert();

    /// <summary>For operators: all of an org, of a SIM, of an account. Each is tested for the type.</summary>
    public static readonly ListIndex
        OfOrg = Index("", ""), OfSim = Index("events_sim", "sim_id"), OfAccount = Index("events_account", "account_id");

    /// <summary>Events that are older than <c>Events:Purge</c>.</summary>
    public static readonly OldRowsSql Old = OldRowsSql.ById("events");

    private static ListIndex Index(string name, string by) =>
        new(name, "events", EventTable.Rows.Columns, by, tested: "(@any_type = 1 or type = @type)");
}
