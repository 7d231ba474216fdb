using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Sims;

/// <summary>An event, as stored: a fact about a SIM, which nobody changes.</summary>
/// <param name="Type">One of <see cref="EventTypes"/>.</param>
/// <param name="OperationId">The operation that it opened, moved on or ended.</param>
/// <param name="Data">What changed: <c>{"previous":{…},"updated":{…}}</c>.</param>
internal sealed record SimEvent(
    Guid OrgId, Guid Id, Guid SimId, Guid AccountId, string Type, Actor Actor, Guid? OperationId, string Data)
{
    /// <summary>The event of a new SIM.</summary>
    public static SimEvent Created(Guid id, Sim sim, Actor actor, string data) =>
        new(sim.OrgId, id, sim.Id, sim.AccountId, EventTypes.Created, actor, null, data);
}
