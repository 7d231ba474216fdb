using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>
/// Removes deliveries that have ended and are older than <c>Deliveries:Keep</c>, with their attempts. It removes the oldest first and few
/// in one transaction, so that nobody waits long for the writer, and takes the orgs in turn. Pending deliveries stay.
/// </summary>
internal sealed class DeliveryRetention(
    Database database, SimClock clock, DeliverySettings settings, JobSettings jobs, ILogger log) : IAsyncDisposable
{
    /// <summary>The most deliveries in one transaction.</summary>
    public const int BatchMax = 100;

    /// <summary>
    /// The time between looks into the store (SIM clock), and between looks at the clock, which may be moved (wall clock).
    /// </summary>
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1), Tick = TimeSpan.FromSeconds(1);

    private static readonly string[] Ended = ["delivered", "dead"];

    private DateTimeOffset _next = DateTimeOffset.MinValue;
    private Repeat? _looks;

    /// <summary>Starts, on a server that does the work that is due.</summary>
    public void Start() => _looks = !jobs.Works ? null : new Repeat(clock.Wall, LookAsync, e =>
    {
        // While the store is away, requests report it; removal can wait.
        if (e is not StoreAwayException)
            log.LogError(e, "Old deliveries could not be removed; it is tried again.");
    });

    public ValueTask DisposeAsync() => _looks?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<TimeSpan> LookAsync(CancellationToken stop)
    {
        var left = _next - clock.Now;
        if (left > TimeSpan.Zero && left <= Every) // More than that: the clock was set back.
            return Tick;
        _next = clock.Now + Every;
        foreach (var state in Ended)
        {
            while (!stop.IsCancellationRequested && await RemoveOldAsync(state))
            {
            }
        }
        return Tick;
    }

    /// <summary>Removes one batch of each org that has any. Says if there may be more.</summary>
    private async Task<bool> RemoveOldAsync(string state)
    {
        var before = Ids.FirstOf(clock.Now - settings.Keep);
        var orgs = await database.ReadAsync(session =>
            session.ListAsync(DeliveryRetentionSql.OrgsWithOld, row => row.Id(0), state, before));
        var more = false;
        foreach (var orgId in orgs)
        {
            more |= await database.WriteAsync(async session =>
            {
                var old = await session.ListAsync(DeliveryRetentionSql.Oldest, row => row.Id(0), orgId, state, before, BatchMax);
                if (old.Count == 0)
                    return false;
                await session.ExecuteAsync(DeliveryRetentionSql.Remove, orgId, state, old[0], old[^1]);
                await session.ExecuteAsync(DeliveryRetentionSql.RemoveAttempts, orgId, old[0], old[^1]);
                return old.Count == BatchMax;
            });
        }
        return more;
    }
}
