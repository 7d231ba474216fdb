using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The table of SIMs' moves.</summary>
internal static class SimMoveTable
{
    public static readonly Table<SimMove> Rows = new("sim_moves", Map, new(default, default, default, default), "org_id, sim_id, at");

    private static SimMove Map(Columns column, SimMove move) => new(
        column.Id("org_id", move.OrgId),
        column.Id("sim_id", move.SimId),
        column.Time("at", move.At),
        column.Id("account_id", move.AccountId, Columns.Fixed));
}
