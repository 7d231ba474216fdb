using System.Collections.Concurrent;
using Simkeeper.Server.Clock;

namespace Simkeeper.Server.Jobs;

/// <summary>
/// Takes due jobs from its sources, in their order, and works on a bounded number at once. It looks again when a commit wrote a job, when
/// the next one falls due, and at least every second. While the clock is moved it stands still, and the coordinator drives it.
/// </summary>
internal sealed class WorkerLoop(
    string name, JobQueue queue, SimClock clock, IReadOnlyList<IJobSource> sources, int atOnceMax, Func<Job, CancellationToken, Task> work,
    ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>What is due and cannot be claimed, since another server moves the clock or is claiming it, is looked at again this soon.</summary>
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots = new(atOnceMax);
    private readonly SemaphoreSlim _woken = new(0, 1);
    private readonly SemaphoreSlim _claiming = new(1);
    private readonly ConcurrentDictionary<Job, TaskCompletionSource> _running = new();
    private Task _loop = Task.CompletedTask;
    private Task _renewing = Task.CompletedTask;

    public IReadOnlyList<IJobSource> Sources => sources;

    /// <param name="claims">False: it works only when this server moves the clock.</param>
    public void Start(bool claims)
    {
        if (claims)
        {
            queue.Written += Wake;
            _loop = Task.Run(RunAsync);
        }
        _renewing = Task.Run(RenewAsync);
    }

    public async ValueTask DisposeAsync()
    {
        queue.Written -= Wake;
        await _stop.CancelAsync();
        await _loop;
        await Task.WhenAll(_running.Values.Select(running => running.Task));
        await _renewing;
        _stop.Dispose();
        _slots.Dispose();
        _woken.Dispose();
        _claiming.Dispose();
    }

    /// <summary>Claims no more until the result is disposed, and waits until nothing is under way.</summary>
    public async Task<IDisposable> PauseAsync()
    {
        await _claiming.WaitAsync();
        foreach (var source in sources)
            source.GivesBack = true;
        await Task.WhenAll(_running.Values.Select(running => running.Task));
        foreach (var source in sources)
            source.GivesBack = false;
        return new Paused(this);
    }

    /// <summary>While paused: works on everything due by now, and on what becomes due by it. Says how many jobs that were.</summary>
    public async Task<int> DrainAsync()
    {
        var total = 0;
        while (await StartDueAsync() is > 0 and var started)
        {
            total += started;
            await Task.WhenAll(_running.Values.Select(running => running.Task));
        }
        return total;
    }

    private void Wake(Lane lane)
    {
        if (sources.Any(source => source.Lane == lane))
            Wake();
    }

    private void Wake()
    {
        try
        {
            if (_woken.CurrentCount == 0)
                _woken.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else has just woken it.
        }
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                int started;
                DateTimeOffset looked;
                await _claiming.WaitAsync(_stop.Token);
                try
                {
                    looked = clock.Now;
                    started = await StartDueAsync();
                }
                finally
                {
                    _claiming.Release();
                }
                if (started == 0)
                    await WaitAsync(looked);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.LogError(e, "The {Worker} worker could not claim its jobs; it tries again.", name);
                await Task.Delay(LongestWait, clock.Wall, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task<int> StartDueAsync()
    {
        foreach (var source in sources)
        {
            var claimed = await source.ClaimAsync(clock.Now, Math.Max(1, _slots.CurrentCount));
            foreach (var job in claimed)
            {
                await _slots.WaitAsync(_stop.Token);
                var running = new TaskCompletionSource();
                if (_running.TryAdd(job, running))
                {
                    _ = RunOneAsync(job, running, source);
                }
                else
                {
                    // Its lease has ended, but not its work: one receiver must not hear it twice.
                    source.Ended(job);
                    _slots.Release();
                }
            }
            if (claimed.Count > 0)
                return claimed.Count; // From the first source again: urgent work that has come meanwhile goes first.
        }
        return 0;
    }

    private async Task RunOneAsync(Job job, TaskCompletionSource running, IJobSource source)
    {
        await Task.Yield();
        try
        {
            await work(job, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The job is picked up again when its lease ends or the server starts.
        }
        catch (Exception e)
        {
            log.LogError(e, "A {Worker} job failed; it is tried again when its lease ends.", name);
        }
        finally
        {
            var isRoom = source.Ended(job);
            _slots.Release();
            _running.TryRemove(job, out _);
            running.SetResult();
            if (isRoom)
                Wake();
        }
    }

    /// <summary>Renews the leases of jobs that were under way at the last look already: most are done long before.</summary>
    private async Task RenewAsync()
    {
        var before = new HashSet<Job>();
        while (true)
        {
            await Task.Delay(queue.RenewEvery, clock.Wall, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            if (_stop.IsCancellationRequested)
                return;
            foreach (var org in _running.Keys.Where(before.Contains).GroupBy(job => job.OrgId))
            {
                try
                {
                    await queue.RenewAsync(org);
                }
                catch (Exception e)
                {
                    log.LogWarning("Leases of the {Worker} worker could not be renewed: {Why}", name, e.Message);
                }
            }
            before = [.. _running.Keys];
        }
    }

    /// <param name="looked">When nothing could be claimed: what was due by then cannot be at once.</param>
    private async Task WaitAsync(DateTimeOffset looked)
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
        if (wait > TimeSpan.Zero)
            await _woken.WaitAsync(wait + TimeSpan.FromMilliseconds(1), _stop.Token);
    }

    private sealed class Paused(WorkerLoop loop) : IDisposable
    {
        public void Dispose()
        {
            loop._claiming.Release();
            loop.Wake();
        }
    }
}
