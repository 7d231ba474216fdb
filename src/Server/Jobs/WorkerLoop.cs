using System.Collections.Concurrent;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Jobs;

/// <summary>
/// Takes due jobs from its sources by turns, and works on a bounded number at once. It looks for jobs when a commit wrote one, when
/// the next one falls due, and at least every second. While the clock is moved, it stands still and runs jobs only when the move asks.
/// </summary>
/// <param name="atOnceMax">
/// The most jobs under way. Beyond it no job is claimed, since another server could work on a job that would wait here.
/// </param>
/// <param name="work">
/// Its token is cancelled when the server stops, and when the job's lease is lost: another server has taken the job, or the lease could not
/// be renewed before its end. Then another server may be working on the job.
/// </param>
/// <param name="failed">Takes what the work of a job has thrown, and sees to it that the job is not run again at once.</param>
internal sealed class WorkerLoop(
    string name, JobQueue queue, SimClock clock, IReadOnlyList<IJobSource> sources, int atOnceMax, Func<Job, CancellationToken, Task> work,
    Func<Job, Exception, Task> failed, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The wait before another look at jobs that are due but blocked: another server moves the clock or is claiming them.
    /// </summary>
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots = new(atOnceMax);
    private readonly SemaphoreSlim _claiming = new(1);
    private readonly ConcurrentDictionary<Job, Running> _running = new();
    private readonly Turns _turns = new();
    private Repeat? _claims;
    private Repeat? _renewals;

    public IReadOnlyList<IJobSource> Sources => sources;

    /// <param name="claims">False: it works only while this server moves the clock.</param>
    public void Start(bool claims)
    {
        if (claims)
        {
            _claims = new Repeat(clock.Wall, ClaimAsync,
                e => log.LogError(e, "The {Worker} worker could not claim its jobs; it tries again.", name));
            queue.Written += Wake;
        }
        _renewals = new Repeat(clock.Wall, RenewAsync,
            e => log.LogWarning("Leases of the {Worker} worker could not be renewed: {Why}", name, e.Message));
    }

    public async ValueTask DisposeAsync()
    {
        queue.Written -= Wake;
        await _stop.CancelAsync();
        if (_claims is not null)
            await _claims.DisposeAsync();
        await EndedAsync();
        if (_renewals is not null)
            await _renewals.DisposeAsync();
        _stop.Dispose();
        _slots.Dispose();
        _claiming.Dispose();
    }

    /// <summary>Claims no more until the result is disposed, and waits until nothing is under way.</summary>
    public async Task<IDisposable> PauseAsync()
    {
        await _claiming.WaitAsync();
        foreach (var source in sources)
            source.GivesBack = true;
        await EndedAsync();
        foreach (var source in sources)
            source.GivesBack = false;
        return new Paused(this);
    }

    /// <summary>
    /// Runs, while paused, every job that is due now, and those that become due meanwhile. Returns how many jobs that were.
    /// </summary>
    public async Task<int> DrainAsync()
    {
        var total = 0;
        while (await StartDueAsync() is > 0 and var started)
        {
            total += started;
            await EndedAsync();
        }
        return total;
    }

    private void Wake(Lane lane)
    {
        if (sources.Any(source => source.Lanes.Contains(lane)))
            _claims!.Wake();
    }

    /// <summary>Waits until every job that is under way now has ended.</summary>
    private Task EndedAsync() => Task.WhenAll(_running.Values.Select(running => running.Ended.Task));

    private async Task<TimeSpan> ClaimAsync(CancellationToken stop)
    {
        int started;
        DateTimeOffset looked;
        await _claiming.WaitAsync(stop);
        try
        {
            looked = clock.Now;
            started = await StartDueAsync();
        }
        finally
        {
            _claiming.Release();
        }
        if (started > 0)
            return TimeSpan.Zero;
        // The end of a job frees a slot and wakes this loop.
        return _slots.CurrentCount == 0 ? LongestWait : await UntilNextAsync(looked);
    }

    private async Task<int> StartDueAsync()
    {
        // A look with all hands full takes nobody's turn.
        if (_slots.CurrentCount == 0)
            return 0;
        var started = 0;
        var first = _turns.Next(sources.Count);
        for (var i = 0; i < sources.Count; i++)
        {
            var source = sources[(first + i) % sources.Count];
            var free = _slots.CurrentCount;
            if (free == 0)
                break;
            var at = clock.Wall.GetTimestamp();
            var claimed = await source.ClaimAsync(clock.Now, free);
            foreach (var job in claimed)
            {
                await _slots.WaitAsync(_stop.Token);
                var running = new Running(at, _stop.Token);
                if (_running.TryAdd(job, running))
                {
                    _ = RunOneAsync(job, running, source);
                }
                else
                {
                    // The job's lease has ended but its work has not: one receiver must not hear it twice.
                    running.Lost.Dispose();
                    source.Ended(job);
                    _slots.Release();
                }
            }
            started += claimed.Count;
        }
        return started;
    }

    private async Task RunOneAsync(Job job, Running running, IJobSource source)
    {
        await Task.Yield();
        var held = running.Lost.Token;
        try
        {
            await work(job, held);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The job is picked up again when its lease ends or the server starts.
        }
        catch (OperationCanceledException) when (held.IsCancellationRequested)
        {
            log.LogWarning("A {Worker} job was broken off: its lease could not be kept, so another server may work on it.", name);
        }
        catch (Exception e)
        {
            await FailedAsync(job, e);
        }
        finally
        {
            var isRoom = source.Ended(job);
            var wasFull = _slots.Release() == 0;
            _running.TryRemove(job, out _);
            running.Ended.SetResult();
            running.Lost.Dispose();
            if (isRoom || wasFull)
                _claims?.Wake();
        }
    }

    private async Task FailedAsync(Job job, Exception e)
    {
        try
        {
            await failed(job, e);
        }
        catch (Exception again)
        {
            log.LogWarning("The failure of a {Worker} job could not be recorded ({Why}); it is tried again when its lease ends.",
                name, again.GetType().Name);
        }
    }

    /// <summary>Renews the leases of jobs that were already under way at the last look: most jobs end long before.</summary>
    private async Task<TimeSpan> RenewAsync(CancellationToken stop)
    {
        var lasting = _running.Where(running => running.Value.IsLasting).ToList();
        foreach (var running in _running.Values)
            running.IsLasting = true;
        await Task.WhenAll(lasting.GroupBy(running => running.Key.OrgId).Select(org => RenewAsync(org.ToDictionary())));
        return queue.RenewEvery;
    }

    private async Task RenewAsync(Dictionary<Job, Running> ofOrg)
    {
        var at = clock.Wall.GetTimestamp();
        foreach (var running in ofOrg.Values)
        {
            // After a process has stood still for longer than the lease, the job may still be its own.
            var left = queue.Lease - clock.Wall.GetElapsedTime(running.HeldSince, at);
            running.LostAfter(left > queue.RenewEvery ? left : queue.RenewEvery);
        }
        try
        {
            var taken = await queue.RenewAsync(ofOrg.Keys);
            foreach (var running in ofOrg.Values)
            {
                running.HeldSince = at;
                running.LostAfter(Timeout.InfiniteTimeSpan);
            }
            foreach (var job in taken)
                ofOrg[job].LostAfter(TimeSpan.Zero);
        }
        catch (Exception e)
        {
            log.LogWarning("Leases of the {Worker} worker could not be renewed: {Why}", name, e.Message);
        }
    }

    /// <param name="looked">The time when nothing could be claimed. Jobs that were due by then are blocked; retry in 50 ms.</param>
    private async Task<TimeSpan> UntilNextAsync(DateTimeOffset looked)
    {
        var wait = LongestWait;
        foreach (var source in sources)
        {
            var now = clock.Now;
            if (await source.NextAsync(now) is not { } at)
                continue;
            var until = at <= looked ? AgainAfter : at - now;
            if (until < wait)
                wait = until;
        }
        return wait > TimeSpan.Zero ? wait + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero;
    }

    /// <summary>A job under way.</summary>
    /// <param name="heldSince">A moment before its lease was written, by the machine's steady counter.</param>
    /// <param name="stop">Cancelled when the server stops.</param>
    private sealed class Running(long heldSince, CancellationToken stop)
    {
        public TaskCompletionSource Ended { get; } = new();

        /// <summary>Cancelled when the job's lease is lost, or when the server stops.</summary>
        public CancellationTokenSource Lost { get; } = CancellationTokenSource.CreateLinkedTokenSource(stop);

        public long HeldSince { get; set; } = heldSince;

        /// <summary>True if it was already under way at the last look at leases.</summary>
        public bool IsLasting { get; set; }

        public void LostAfter(TimeSpan time)
        {
            try
            {
                Lost.CancelAfter(time);
            }
            catch (ObjectDisposedException)
            {
                // The job has ended meanwhile.
            }
        }
    }

    private sealed class Paused(WorkerLoop loop) : IDisposable
    {
        public void Dispose()
        {
            loop._claiming.Release();
            loop._claims?.Wake();
        }
    }
}
