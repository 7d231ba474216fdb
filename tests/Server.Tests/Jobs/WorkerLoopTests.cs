using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Postgres;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Jobs;

[SqliteOnly]
public sealed class WorkerLoopTests
{
    private static readonly Sql LeaseOf = new("select lease_until from jobs where org_id = @org_id and subject_id = @subject_id");

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_due_and_cannot_be_claimed_is_looked_at_again_soon_but_not_without_end()
    {
        const int claims = 6;
        var kept = new KeptSource(TimeProvider.System.GetUtcNow(), claims);
        var since = Stopwatch.StartNew();

        await WithLoopAsync([kept], () => kept.Claimed.WaitAsync(TimeSpan.FromSeconds(20), Cancelled));

        Assert.True(since.Elapsed >= (claims - 1) * TimeSpan.FromMilliseconds(50), $"It claimed {claims} times in {since.Elapsed}.");
    }

    [Fact]
    public async Task A_source_that_always_has_jobs_stops_no_other_one()
    {
        var (one, other) = (new EndlessSource(), new EndlessSource());

        await WithLoopAsync([one, other], () =>
            Calls.UntilAsync(() => Task.FromResult(one.Claims + other.Claims), claims => claims >= 40));

        Assert.True(Math.Min(one.Claims, other.Claims) >= 10, $"{one.Claims} and {other.Claims} claims.");
    }

    [Fact]
    public async Task A_worker_with_all_hands_full_claims_nothing_so_that_no_job_is_done_twice()
    {
        using var folder = new TestFolder();
        await using var database = SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance);
        await using var signals = new Signals();
        var clock = new SimClock(TimeProvider.System);
        var settings = new JobSettings(new Settings(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Jobs:Lease"] = "1s" }).Build()));
        JobQueue Queue() => new(database, clock, settings, signals, NullLogger.Instance);
        var org = Guid.CreateVersion7();
        await database.WriteAsync(session => session.ExecuteAsync(AccountSql.InsertOrg, org, clock.Now));
        Task PutAsync(Guid job, DateTimeOffset due) => database.WriteAsync(async session =>
            await JobQueue.PutAsync(session, org, JobKind.Timer, job, Lane.Timers, clock.Now, due));
        var (first, second, third) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var done = new ConcurrentQueue<Guid>();
        var (started, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        async Task WorkAsync(Job job, CancellationToken stop)
        {
            done.Enqueue(job.SubjectId);
            if (job.SubjectId == first)
            {
                started.SetResult();
                await goOn.Task;
            }
            await database.WriteAsync(session => JobQueue.DeleteAsync(session, org, JobKind.Timer, job.SubjectId));
        }
        WorkerLoop Loop(JobQueue queue, int atOnceMax) =>
            new("test", queue, clock, [BudgetSource.Free(queue, Lane.Timers)], atOnceMax, WorkAsync, FailedAsync, NullLogger.Instance);
        Task<bool> DoneAsync(Guid job) => Calls.UntilAsync(() => Task.FromResult(done.Contains(job)), isDone => isDone);

        ValueTask<long> LeaseAsync() => database.ReadAsync(session => session.OneAsync(LeaseOf, row => row.Number(0), org, first));

        await PutAsync(first, clock.Now.AddSeconds(-1));
        await PutAsync(second, clock.Now);
        await using var busy = Loop(Queue(), atOnceMax: 1);
        busy.Start(claims: true);
        await started.Task.WaitAsync(Cancelled);
        for (var renewals = 0; renewals < 2; renewals++)
        {
            var before = await LeaseAsync();
            await Calls.UntilAsync(() => LeaseAsync().AsTask(), lease => lease != before);
        }
        await using (var other = Loop(Queue(), atOnceMax: 8))
        {
            other.Start(claims: true);
            await DoneAsync(second);
        }
        goOn.SetResult();
        await PutAsync(third, clock.Now);
        await DoneAsync(third);

        Assert.Equal([first, second, third], done);
    }

    [Fact]
    public async Task A_job_that_another_server_has_taken_is_broken_off()
    {
        await using var empty = await TestDatabase.CreateAsync();
        await using var database = await PostgresDatabase.OpenAsync(empty.ConnectionString, TimeProvider.System);
        await using var job = await LongJob.StartAsync(database);
        await job.RenewedAsync(2);
        Assert.False(job.IsBrokenOff.IsCompleted);

        await empty.RowsAsync("update jobs set lease_owner = 'another', lease_until = lease_until + 60000 returning 1");

        await job.IsBrokenOff.WaitAsync(Patience, Cancelled);
        Assert.Equal(["another"], await empty.RowsAsync("select lease_owner from jobs"));
    }

    [Fact]
    public async Task A_job_whose_lease_cannot_be_renewed_before_its_end_is_broken_off()
    {
        using var folder = new TestFolder();
        await using var database = new CutOff(SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance));
        await using var job = await LongJob.StartAsync(database);
        await job.RenewedAsync(5);
        Assert.False(job.IsBrokenOff.IsCompleted);

        database.IsAway = true;

        await job.IsBrokenOff.WaitAsync(Patience, Cancelled);
    }

    private static Task FailedAsync(Job job, Exception e) => Task.CompletedTask;

    /// <summary>A job under a lease of a second, whose work ends when it is broken off.</summary>
    private sealed class LongJob(Database database) : IAsyncDisposable
    {
        private readonly TaskCompletionSource _started = new(), _brokenOff = new();
        private readonly Guid _org = Guid.CreateVersion7(), _id = Guid.CreateVersion7();
        private WorkerLoop? _loop;

        public Task IsBrokenOff => _brokenOff.Task;

        public static async Task<LongJob> StartAsync(Database database)
        {
            var job = new LongJob(database);
            await job.StartAsync();
            return job;
        }

        public async Task RenewedAsync(int times)
        {
            for (var renewals = 0; renewals < times; renewals++)
            {
                var before = await LeaseAsync();
                await Calls.UntilAsync(LeaseAsync, lease => lease != before);
            }
        }

        public ValueTask DisposeAsync() => _loop!.DisposeAsync();

        private async Task StartAsync()
        {
            var clock = new SimClock(TimeProvider.System);
            var settings = new JobSettings(new Settings(new ConfigurationBuilder()
                .AddInMemoryCollection(new Dictionary<string, string?> { ["Jobs:Lease"] = "1s" }).Build()));
            var queue = new JobQueue(database, clock, settings, new Signals(), NullLogger.Instance);
            await database.WriteAsync(async session =>
            {
                await session.ExecuteAsync(AccountSql.InsertOrg, _org, clock.Now);
                await JobQueue.PutAsync(session, _org, JobKind.Timer, _id, Lane.Timers, clock.Now, clock.Now);
            });
            _loop = new WorkerLoop(
                "test", queue, clock, [BudgetSource.Free(queue, Lane.Timers)], 1, WorkAsync, FailedAsync, NullLogger.Instance);
            _loop.Start(claims: true);
            await _started.Task.WaitAsync(Patience, Cancelled);
        }

        private async Task WorkAsync(Job job, CancellationToken held)
        {
            _started.TrySetResult();
            await using var end = held.Register(() => _brokenOff.TrySetResult());
            await _brokenOff.Task;
            held.ThrowIfCancellationRequested();
        }

        private Task<long> LeaseAsync() =>
            database.ReadAsync(session => session.OneAsync(LeaseOf, row => row.Number(0), _org, _id)).AsTask();
    }

    /// <summary>Runs a worker on these sources, one job of some milliseconds at a time, as long as it takes to see something.</summary>
    private static async Task WithLoopAsync(IReadOnlyList<IJobSource> sources, Func<Task> see)
    {
        using var folder = new TestFolder();
        await using var database = SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance);
        await using var signals = new Signals();
        var clock = new SimClock(TimeProvider.System);
        var queue = new JobQueue(database, clock, new JobSettings(new Settings(new ConfigurationBuilder().Build())),
            signals, NullLogger.Instance);
        await using var loop = new WorkerLoop(
            "test", queue, clock, sources, 1, (_, stop) => Task.Delay(5, stop), FailedAsync, NullLogger.Instance);
        loop.Start(claims: true);
        await see();
    }

    /// <summary>Has always as many jobs as are wanted.</summary>
    private sealed class EndlessSource : IJobSource
    {
        private int _claims;

        public int Claims => Volatile.Read(ref _claims);

        public IReadOnlyList<Lane> Lanes { get; } = [Lane.Operations];

        public Task<List<Job>> ClaimAsync(DateTimeOffset now, int max)
        {
            Interlocked.Increment(ref _claims);
            return Task.FromResult(Enumerable.Range(0, max)
                .Select(_ => new Job(Guid.Empty, JobKind.Timer, Guid.CreateVersion7(), now, "")).ToList());
        }

        public ValueTask<DateTimeOffset?> NextAsync(DateTimeOffset now) => ValueTask.FromResult<DateTimeOffset?>(now);
    }

    /// <summary>Has something due that another server keeps.</summary>
    private sealed class KeptSource(DateTimeOffset due, int until) : IJobSource
    {
        private readonly TaskCompletionSource _claimed = new();
        private int _claims;

        public Task Claimed => _claimed.Task;

        public IReadOnlyList<Lane> Lanes { get; } = [Lane.Timers];

        public Task<List<Job>> ClaimAsync(DateTimeOffset now, int max)
        {
            if (++_claims == until)
                _claimed.SetResult();
            return Task.FromResult<List<Job>>([]);
        }

        public ValueTask<DateTimeOffset?> NextAsync(DateTimeOffset now) => ValueTask.FromResult<DateTimeOffset?>(due);
    }
}
