using Simkeeper.Server.Hosting;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Hosting;

[SqliteOnly]
public sealed class RepeatTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _ran = new(0);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _ran.Dispose();

    [Fact]
    public async Task It_runs_again_after_the_wait_that_a_run_asks_for()
    {
        await using var repeat = Start(_ => TimeSpan.FromMilliseconds(1));

        for (var run = 0; run < 5; run++)
            await RanAsync();
    }

    [Fact]
    public async Task A_run_that_asks_for_no_end_of_waiting_is_followed_by_another_when_it_is_woken_also_during_the_run()
    {
        var goOn = new TaskCompletionSource();
        await using var repeat = new Repeat(TimeProvider.System, async _ =>
        {
            _ran.Release();
            await goOn.Task;
            return Timeout.InfiniteTimeSpan;
        }, _ => { });
        await RanAsync();
        repeat.Wake();
        repeat.Wake();
        goOn.SetResult();
        await RanAsync();

        repeat.Wake();

        await RanAsync();
        Assert.Equal(0, _ran.CurrentCount);
    }

    [Fact]
    public async Task A_run_that_fails_is_told_once_and_followed_by_the_next()
    {
        var told = new List<string>();
        await using var repeat = new Repeat(TimeProvider.System, _ =>
        {
            _ran.Release();
            return told.Count == 0 ? throw new InvalidOperationException("first") : Task.FromResult(Timeout.InfiniteTimeSpan);
        }, e => told.Add(e.Message));

        await RanAsync();
        await RanAsync();

        Assert.Equal(["first"], told);
    }

    [Fact]
    public async Task To_dispose_it_breaks_the_run_off_and_waits_for_its_end()
    {
        var (started, ended) = (new TaskCompletionSource(), false);
        var told = 0;
        var repeat = new Repeat(TimeProvider.System, async stop =>
        {
            started.SetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            }
            finally
            {
                ended = true;
            }
            return TimeSpan.Zero;
        }, _ => told++);
        await started.Task.WaitAsync(Patience, Cancelled);

        await repeat.DisposeAsync();

        Assert.Equal((true, 0), (ended, told));
        repeat.Wake();
    }

    private Repeat Start(Func<CancellationToken, TimeSpan> run) => new(TimeProvider.System, stop =>
    {
        _ran.Release();
        return Task.FromResult(run(stop));
    }, _ => { });

    private async Task RanAsync() => Assert.True(await _ran.WaitAsync(Patience, Cancelled));
}
