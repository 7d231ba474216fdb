using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>Copies of events for Monitor, which go when their events go (<c>Events:Purge</c>).</summary>
internal sealed class OldCopies(SimClock clock, SimSettings settings) : IOldRows
{
    public async ValueTask<List<Guid>> OrgsAsync(Session session) => settings.EventsPurge is { } purge
        ? await session.ListAsync(OldCopySql.Orgs, static row => row.Id(0), Ids.FirstOf(clock.Now - purge))
        : [];

    public async ValueTask<bool> RemoveAsync(Session session, Guid orgId) => settings.EventsPurge is { } purge
        && await Retention.RemoveAsync(
            session, OldCopySql.Oldest, OldCopySql.Remove, static row => row.Id(0), [orgId], Ids.FirstOf(clock.Now - purge));
}
