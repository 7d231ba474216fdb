using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>Moves of SIMs that are older than <c>Usage:Retention</c>: no report of use before them is taken any more.</summary>
internal sealed class OldMoves(SimClock clock, UsageSettings settings) : IOldRows
{
    public ValueTask<List<Guid>> OrgsAsync(Session session) =>
        session.ListAsync(OldUsageSql.OrgsWithMoves, static row => row.Id(0), clock.Now - settings.Retention);

    public ValueTask<bool> RemoveAsync(Session session, Guid orgId) => Retention.RemoveAsync(
        session, OldUsageSql.OldestMoves, OldUsageSql.RemoveMoves, static row => row.Time(0), [orgId], clock.Now - settings.Retention);
}
