namespace Simkeeper.Server.Hosting;

/// <summary>Runs something again and again until it is disposed, which waits for the run under way.</summary>
internal sealed class Repeat : IAsyncDisposable
{
    /// <summary>
    /// The wait after a run that failed. Nothing shortens it: a run that fails at once must not be tried again without a pause.
    /// </summary>
    public static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly Func<CancellationToken, Task<TimeSpan>> _run;
    private readonly Action<Exception> _failed;
    private readonly SemaphoreSlim _woken = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <summary>Begins the first run at once.</summary>
    /// <param name="run">
    /// One run. It gives the wait until the next one, unless <see cref="Wake"/> is called earlier; infinite: only then.
    /// </param>
    /// <param name="failed">Takes the exception of a run, once for each; exceptions after the stop are not reported.</param>
    public Repeat(TimeProvider time, Func<CancellationToken, Task<TimeSpan>> run, Action<Exception> failed)
    {
        _time = time;
        _run = run;
        _failed = failed;
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Begins the next run now; during a run, right after it.</summary>
    public void Wake()
    {
        try
        {
            if (_woken.CurrentCount == 0)
                _woken.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another thread has just woken it.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
                await RunOnceAsync();
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The server is stopping: the run was cancelled.
        }
    }

    private async Task RunOnceAsync()
    {
        TimeSpan wait;
        try
        {
            wait = await _run(_stop.Token);
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            _failed(e);
            await Task.Delay(AfterFailure, _time, _stop.Token);
            return;
        }
        if (wait <= TimeSpan.Zero && wait != Timeout.InfiniteTimeSpan)
            return;
        await using var timer = _time.CreateTimer(_ => Wake(), null, wait, Timeout.InfiniteTimeSpan);
        await _woken.WaitAsync(_stop.Token);
    }
}
