using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The table of operations. What is asked for is fixed; how far it has come is not.</summary>
internal static class OperationTable
{
    private const bool Fixed = Columns.Fixed;

    public static readonly Table<Operation> Rows = new("operations", Map, new Operation
    {
        OrgId = default,
        Id = default,
        SimId = default,
        AccountId = default,
        Carrier = "",
        Kind = default,
        Deadline = default,
        Actor = Actor.System,
    });

    private static Operation Map(Columns column, Operation operation) => new()
    {
        OrgId = column.Id("org_id", operation.OrgId),
        Id = column.Id("id", operation.Id),
        SimId = column.Id("sim_id", operation.SimId, Fixed),
        AccountId = column.Id("account_id", operation.AccountId, Fixed),
        Carrier = column.Text("carrier", operation.Carrier, Fixed),
        Kind = column.Word("kind", operation.Kind, OperationNames.Kinds, Fixed),
        Wanted = column.WordOrNull("wanted", operation.Wanted, SimStatusNames.Words, Fixed),
        ChangesPlan = column.Flag("changes_plan", operation.ChangesPlan, Fixed),
        PlanId = column.IdOrNull("plan_id", operation.PlanId, Fixed),
        State = column.Word("state", operation.State, OperationNames.States),
        Attempts = column.Number("attempts", operation.Attempts),
        WaitingFor = column.TextOrNull("waiting_for", operation.WaitingFor),
        NextTry = column.TimeOrNull("next_try", operation.NextTry),
        Deadline = column.Time("deadline", operation.Deadline),
        Uncertain = column.Flag("uncertain", operation.Uncertain),
        AwaySince = column.TimeOrNull("away_since", operation.AwaySince),
        LastError = column.TextOrNull("last_error", operation.LastError),
        Callback = Callback.OrNull(
            column.TextOrNull("callback_url", operation.Callback?.Url, Fixed),
            column.TextOrNull("callback_method", operation.Callback?.Method, Fixed),
            column.TextOrNull("callback_dialect", operation.Callback?.Dialect, Fixed)),
        Actor = new Actor(
            column.Text("actor_kind", operation.Actor.Kind, Fixed),
            column.TextOrNull("actor_sid", operation.Actor.Sid, Fixed),
            column.TextOrNull("actor_address", operation.Actor.Address, Fixed)),
        EndedAt = column.TimeOrNull("ended_at", operation.EndedAt),
        Version = column.Version(operation.Version),
    };
}
