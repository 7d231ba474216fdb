using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The statements on events.</summary>
internal static class EventSql
{
    public static readonly Sql Insert = EventTable.Rows.Insert();

    /// <summary>For operators: all of an org, of a SIM, of an account. Each is tested for the type.</summary>
    public static readonly ListIndex OfOrg = Index(""), OfSim = Index("sim_id"), OfAccount = Index("account_id");

    private static ListIndex Index(string by) =>
        new("events", EventTable.Rows.Columns, by, tested: "(@any_type = 1 or type = @type)");
}
