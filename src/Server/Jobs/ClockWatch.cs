using System.Numerics;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Jobs;

/// <summary>
/// Notices that the clock was set back, now or while no server ran, and brings forward the jobs that were put while it was ahead. A clock
/// that is set forward needs no such care: what is due is done. After a step back it looks again for some time: work that was under way
/// still puts jobs by the time that it began with. So it looks once after the start, too: the process before may have died meanwhile.
/// </summary>
internal sealed class ClockWatch(SimClock clock, JobQueue jobs, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>The time by which the clock may be behind what it has shown: a shared clock is known that well.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The last look after a step back: no work that was under way takes longer. They come 1, 2, 4 … seconds after it.
    /// </summary>
    private const int LastLook = 64;

    private Repeat? _looks;
    private int _since = LastLook - 1;

    public void Start() => _looks = new Repeat(clock.Wall, LookAsync, e =>
    {
        // While the store is away, no job runs either.
        if (e is not StoreAwayException)
            log.LogError(e, "The jobs that were put before the clock was set back could not be brought forward; it is tried again.");
    });

    public ValueTask DisposeAsync() => _looks?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<TimeSpan> LookAsync(CancellationToken stop)
    {
        var (latest, now) = (clock.Latest, clock.Now);
        var isSetBack = latest - now > Tolerance;
        var isLook = _since < LastLook && BitOperations.IsPow2(_since + 1);
        // While the store is away, a look is made again each second, so it counts once it is done.
        var brought = isSetBack || isLook ? await jobs.BringForwardAsync(now) : 0;
        _since = Math.Min(_since + 1, LastLook);
        if (!isSetBack)
            return Every;
        // Only now: if the process dies before this, the next one finds ids that are ahead of the clock.
        clock.SetBack(now);
        _since = 0;
        log.LogWarning("The clock was set back by {Time}. {Jobs} jobs that were put before that are due now.", latest - now, brought);
        return Every;
    }
}
