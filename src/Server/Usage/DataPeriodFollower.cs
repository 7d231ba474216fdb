using Simkeeper.Server.Clock;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>Begins, ends and limits the months of SIMs as these change.</summary>
internal sealed class DataPeriodFollower(IdGenerator ids) : ISimFollower
{
    public ValueTask ChangedAsync(Session session, SimChange change) =>
        DataPeriods.ChangedAsync(session, ids, change.Before, change.After, change.Now, change.Wake);
}
