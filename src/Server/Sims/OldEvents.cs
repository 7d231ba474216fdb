using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>Events that are older than <c>Events:Purge</c>; without that setting, none is old.</summary>
internal sealed class OldEvents(SimClock clock, SimSettings settings) : IOldRows
{
    public async ValueTask<List<Guid>> OrgsAsync(Session session) => settings.EventsPurge is { } purge
        ? await session.ListAsync(OldEventSql.Orgs, static row => row.Id(0), Ids.FirstOf(clock.Now - purge))
        : [];

    public async ValueTask<bool> RemoveAsync(Session session, Guid orgId) => settings.EventsPurge is { } purge
        && await Retention.RemoveAsync(
            session, OldEventSql.Oldest, OldEventSql.Remove, static row => row.Id(0), [orgId], Ids.FirstOf(clock.Now - purge));
}
