using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Jobs;

/// <summary>
/// Removes what is old. It removes the oldest first and few in one transaction, so that nobody waits long for the writer, and takes the
/// orgs in turn. Safe to stop anywhere, and safe on several servers at once.
/// </summary>
internal sealed class Retention(Database database, SimClock clock, IEnumerable<IOldRows> kinds, JobSettings jobs, ILogger log)
    : IAsyncDisposable
{
    /// <summary>The most rows in one transaction, those that belong to them not counted.</summary>
    public const int BatchMax = 100;

    /// <summary>The time between looks into the store, by either clock, and between looks at the clock, which may be moved.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1), Tick = TimeSpan.FromSeconds(1);

    private DateTimeOffset _looked = DateTimeOffset.MinValue;
    private long _lookedAt;
    private Repeat? _looks;

    /// <summary>Starts, on a server that does the work that is due.</summary>
    public void Start() => _looks = !jobs.Works ? null : new Repeat(clock.Wall, LookAsync, Report);

    public ValueTask DisposeAsync() => _looks?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Removes the oldest few: those from the first to the last that are found. Says if there may be more.</summary>
    /// <param name="which">The values that say which rows are meant, for both statements; the org is the first.</param>
    /// <param name="end">The age at which rows are old.</param>
    /// <param name="along">Removes what belongs to them: takes the org, the first and the last; null: nothing does.</param>
    public static async ValueTask<bool> RemoveAsync(
        Session session, Sql oldest, Sql remove, Func<Row, object> age, object?[] which, object end, Sql? along = null)
    {
        var old = await session.ListAsync(oldest, age, [.. which, end, BatchMax]);
        if (old.Count == 0)
            return false;
        await session.ExecuteAsync(remove, [.. which, old[0], old[^1]]);
        if (along is not null)
            await session.ExecuteAsync(along, which[0], old[0], old[^1]);
        return old.Count == BatchMax;
    }

    private async Task<TimeSpan> LookAsync(CancellationToken stop)
    {
        // The clock of SIMs may stand still, or be set back.
        if ((clock.Now - _looked).Duration() < Every && clock.Wall.GetElapsedTime(_lookedAt) < Every)
            return Tick;
        (_looked, _lookedAt) = (clock.Now, clock.Wall.GetTimestamp());
        foreach (var kind in kinds)
        {
            try
            {
                while (!stop.IsCancellationRequested && await RemoveAsync(kind))
                {
                }
            }
            catch (Exception e) when (e is not StoreAwayException)
            {
                // What cannot be removed keeps no other kind.
                Report(e);
            }
        }
        return Tick;
    }

    /// <summary>Removes one batch of each org that has any. Says if there may be more.</summary>
    private async Task<bool> RemoveAsync(IOldRows kind)
    {
        var more = false;
        foreach (var orgId in await database.ReadAsync(kind.OrgsAsync))
            more |= await database.WriteAsync(session => kind.RemoveAsync(session, orgId));
        return more;
    }

    private void Report(Exception e)
    {
        // While the store is away, requests report it; removal can wait.
        if (e is not StoreAwayException)
            log.LogError(e, "Old rows could not be removed; it is tried again.");
    }
}
