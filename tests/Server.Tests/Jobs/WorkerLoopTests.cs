using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Jobs;

[SqliteOnly]
public sealed class WorkerLoopTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_due_and_cannot_be_claimed_is_looked_at_again_soon_but_not_without_end()
    {
        const int claims = 6;
        using var folder = new TestFolder();
        await using var database = SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance);
        await using var signals = new Signals();
        var clock = new SimClock(TimeProvider.System);
        var queue = new JobQueue(database, clock, new JobSettings(new Settings(new ConfigurationBuilder().Build())), signals);
        var kept = new KeptSource(clock.Now, claims);
        await using var loop = new WorkerLoop("test", queue, clock, [kept], 1, (_, _) => Task.CompletedTask, NullLogger.Instance);

        var since = Stopwatch.StartNew();
        loop.Start(claims: true);
        await kept.Claimed.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);

        Assert.True(since.Elapsed >= (claims - 1) * TimeSpan.FromMilliseconds(50), $"It claimed {claims} times in {since.Elapsed}.");
    }

    /// <summary>Has something due that another server keeps.</summary>
    private sealed class KeptSource(DateTimeOffset due, int until) : IJobSource
    {
        private readonly TaskCompletionSource _claimed = new();
        private int _claims;

        public Task Claimed => _claimed.Task;

        public Lane Lane => Lane.Timers;

        public Task<List<Job>> ClaimAsync(DateTimeOffset now, int max)
        {
            if (++_claims == until)
                _claimed.SetResult();
            return Task.FromResult<List<Job>>([]);
        }

        public ValueTask<DateTimeOffset?> NextAsync(DateTimeOffset now) => ValueTask.FromResult<DateTimeOffset?>(due);
    }
}
