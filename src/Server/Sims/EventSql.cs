using Simkeeper.Core.Operations;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>An event, as stored.</summary>
/// <param name="SimId">Empty for an event that is not about a SIM.</param>
/// <param name="Data">JSON: the values before and after.</param>
internal sealed record SimEvent(Guid Id, Guid SimId, Guid AccountId, string Type, Actor Actor, Guid? OperationId, string Data);

/// <summary>The statements that list events for operators, oldest first.</summary>
internal static class EventSql
{
    private const string Select = """
        select id, sim_id, account_id, type, actor_kind, actor_sid, actor_address, operation_id, data from events
        where org_id = @org_id and id > @after and (@type = '' or type = @type)
        """;

    public static readonly Sql OfOrg = new($"{Select} order by id limit @limit");
    public static readonly Sql OfSim = new($"{Select} and sim_id = @sim_id order by id limit @limit");
    public static readonly Sql OfAccount = new($"{Select} and account_id = @account_id order by id limit @limit");

    public static SimEvent Read(Row row) => new(row.Id(0), row.Id(1), row.Id(2), row.Text(3),
        new Actor(row.Text(4), row.TextOrNull(5), row.TextOrNull(6)), row.IdOrNull(7), row.Text(8));
}
