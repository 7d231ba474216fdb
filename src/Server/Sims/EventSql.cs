using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The statements on events.</summary>
internal static class EventSql
{
    public static readonly Sql Insert = EventTable.Rows.Insert();

    /// <summary>For operators, oldest first; an empty type takes all.</summary>
    public static readonly Sql OfOrg = After(""), OfSim = After("and sim_id = @sim_id"), OfAccount = After("and account_id = @account_id");

    private static Sql After(string filter) => EventTable.Rows.Select($"""
        where org_id = @org_id and id > @after and (@type = '' or type = @type) {filter} order by id limit @limit
        """);
}
