using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>
/// Deliveries that have ended and are older than <c>Deliveries:Keep</c>; their attempts go with them. Pending deliveries stay.
/// </summary>
internal sealed class DeliveryRetention(SimClock clock, DeliverySettings settings) : IOldRows
{
    private static readonly string[] Ended = ["delivered", "dead"];

    private Guid Before => Ids.FirstOf(clock.Now - settings.Keep);

    public async ValueTask<List<Guid>> OrgsAsync(Session session)
    {
        var orgs = new HashSet<Guid>();
        foreach (var state in Ended)
            orgs.UnionWith(await session.ListAsync(DeliveryRetentionSql.OrgsWithOld, static row => row.Id(0), state, Before));
        return [.. orgs];
    }

    public async ValueTask<bool> RemoveAsync(Session session, Guid orgId)
    {
        var more = false;
        foreach (var state in Ended)
        {
            var old = await session.ListAsync(
                DeliveryRetentionSql.Oldest, static row => row.Id(0), orgId, state, Before, Retention.BatchMax);
            if (old.Count == 0)
                continue;
            await session.ExecuteAsync(DeliveryRetentionSql.Remove, orgId, state, old[0], old[^1]);
            await session.ExecuteAsync(DeliveryRetentionSql.RemoveAttempts, orgId, old[0], old[^1]);
            more |= old.Count == Retention.BatchMax;
        }
        return more;
    }
}
