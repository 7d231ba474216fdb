using Simkeeper.Core.Operations;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The table of events, but for what a dialect marks in it. A row is never updated.</summary>
internal static class EventTable
{
    private const bool Fixed = Columns.Fixed;

    public static readonly Table<SimEvent> Rows = new(
        "events", Map, new(default, default, default, default, "", Actor.System, null, ""));

    private static SimEvent Map(Columns column, SimEvent happened) => new(
        column.Id("org_id", happened.OrgId),
        column.Id("id", happened.Id),
        column.Id("sim_id", happened.SimId, Fixed),
        column.Id("account_id", happened.AccountId, Fixed),
        column.Text("type", happened.Type, Fixed),
        new Actor(
            column.Text("actor_kind", happened.Actor.Kind, Fixed),
            column.TextOrNull("actor_sid", happened.Actor.Sid, Fixed),
            column.TextOrNull("actor_address", happened.Actor.Address, Fixed)),
        column.IdOrNull("operation_id", happened.OperationId, Fixed),
        column.Text("data", happened.Data, Fixed));
}
