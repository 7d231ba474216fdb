using System.Collections.Concurrent;
using Simkeeper.Server.Clock;

namespace Simkeeper.Server.Jobs;

/// <summary>
/// Takes due jobs of some lanes, in the order of the lanes, and works on a bounded number at once. It looks again when a commit wrote a
/// job, when the next one falls due, and at least every second.
/// </summary>
internal sealed class WorkerLoop(
    string name, JobQueue queue, SimClock clock, IReadOnlyList<Lane> lanes, int atOnceMax, Func<Job, CancellationToken, Task> work, ILogger log)
    : IAsyncDisposable
{
    /// <summary>Jobs claimed from one org in one round: beside an org with 100,000, one with ten is done within two.</summary>
    public const int PerOrgMax = 64;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots = new(atOnceMax);
    private readonly SemaphoreSlim _woken = new(0, 1);
    private readonly ConcurrentDictionary<Job, TaskCompletionSource> _running = new();
    private Task _loop = Task.CompletedTask;

    public void Start()
    {
        queue.Written += Wake;
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        queue.Written -= Wake;
        await _stop.CancelAsync();
        await _loop;
        await Task.WhenAll(_running.Values.Select(running => running.Task));
        _stop.Dispose();
        _slots.Dispose();
        _woken.Dispose();
    }

    private void Wake(Lane lane)
    {
        if (lanes.Contains(lane) && _woken.CurrentCount == 0)
        {
            try
            {
                _woken.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else has just woken it.
            }
        }
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (await StartDueAsync() == 0)
                    await WaitAsync();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.LogError(e, "The {Worker} worker could not claim its jobs; it tries again.", name);
                await WaitAsync();
            }
        }
    }

    private async Task<int> StartDueAsync()
    {
        var started = 0;
        foreach (var lane in lanes)
        {
            var claimed = await queue.ClaimAsync(lane, clock.Now, PerOrgMax);
            foreach (var job in claimed)
            {
                await _slots.WaitAsync(_stop.Token);
                var running = new TaskCompletionSource();
                if (_running.TryAdd(job, running))
                    _ = RunOneAsync(job, running);
                else
                    _slots.Release(); // Its lease has ended, but not its work: one receiver must not hear it twice.
                started++;
            }
            if (started > 0)
                break; // Urgent work that has come meanwhile goes first.
        }
        return started;
    }

    private async Task RunOneAsync(Job job, TaskCompletionSource running)
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
            _running.TryRemove(job, out _);
            _slots.Release();
            running.SetResult();
        }
    }

    private async Task WaitAsync()
    {
        TimeSpan wait = LongestWait;
        foreach (var lane in lanes)
        {
            if (await queue.NextDueAsync(lane) is { } due && due - clock.Now < wait)
                wait = due - clock.Now;
        }
        if (wait > TimeSpan.Zero)
            await _woken.WaitAsync(wait + TimeSpan.FromMilliseconds(1), _stop.Token);
    }
}
