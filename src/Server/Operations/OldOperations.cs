using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operations;

/// <summary>Operations that have ended and are older than <c>Operations:Keep</c>. Open ones stay.</summary>
internal sealed class OldOperations(SimClock clock, SimSettings settings) : IOldRows
{
    private static readonly string[] Ended =
    [
        OperationState.Done.ToWire(), OperationState.Refused.ToWire(), OperationState.Expired.ToWire(), OperationState.Withdrawn.ToWire(),
    ];

    private Guid Before => Ids.FirstOf(clock.Now - settings.OperationsKeep);

    public async ValueTask<List<Guid>> OrgsAsync(Session session)
    {
        var orgs = new HashSet<Guid>();
        foreach (var state in Ended)
            orgs.UnionWith(await session.ListAsync(OldOperationSql.Orgs, static row => row.Id(0), state, Before));
        return [.. orgs];
    }

    public async ValueTask<bool> RemoveAsync(Session session, Guid orgId)
    {
        var more = false;
        foreach (var state in Ended)
        {
            more |= await Retention.RemoveAsync(
                session, OldOperationSql.Oldest, OldOperationSql.Remove, static row => row.Id(0), [orgId, state], Before);
        }
        return more;
    }
}
