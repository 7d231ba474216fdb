using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>
/// Reads that would take for ever. They end in the store when their caller has gone or their time is used up, and while they run, nobody
/// of another org waits for them.
/// </summary>
[Attack]
public sealed class SlowReadsTests
{
    /// <summary>Far more than anything here takes; far less than a read that is not broken off.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    /// <summary>So that the lists of one org meet no limit before they meet that of the readers.</summary>
    private static readonly Dictionary<string, string?> Patient = new()
    {
        ["Storage:RequestTime"] = "1h",
        ["Http:ListsMax"] = "1000",
        ["Http:ListsPerOrg"] = "1000",
        ["Http:QueueTime"] = "1m",
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_caller_that_goes_away_frees_its_reader()
    {
        var slow = new Slow();
        await using var server = await TestServer.StartAsync(Patient, seams: Seams.None with { Database = slow.Of });
        var sims = (await server.Gigs.FetchAsync("/projects/sandbox/sims?limit=1")).Is(200);
        using var leaving = new CancellationTokenSource();
        slow.IsOn = true;
        // More than there are readers on any store: the last of them wait for a turn.
        var callers = Enumerable.Range(0, 100).Select(_ => server.Gigs.GetAsync("/projects/sandbox/sims", leaving.Token)).ToList();
        await Calls.UntilAsync(() => Task.FromResult(slow.Running), running => running >= SqliteReaders.Share);
        if (server.Database is not null)
            await Calls.UntilAsync(() => Task.FromResult(InPostgres(server)), running => running > 0);
        slow.IsOn = false;
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(callers));

        await Calls.UntilAsync(() => Task.FromResult(slow.Running), running => running == 0);
        // Nor does PostgreSQL go on without anybody who waits for it.
        if (server.Database is not null)
            await Calls.UntilAsync(() => Task.FromResult(InPostgres(server)), running => running == 0);
        var again = await server.Gigs.FetchAsync("/projects/sandbox/sims?limit=1").WaitAsync(Deadline, Cancelled);
        Assert.Equal(sims.Text, again.Is(200).Text);
        Assert.DoesNotContain(server.Log.Lines, line => line.Contains("fail", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task One_org_that_reads_for_ever_leaves_readers_to_others_and_to_the_check_of_readiness()
    {
        var slow = new Slow();
        await using var server = await TestServer.StartAsync(Patient, seams: Seams.None with { Database = slow.Of });
        var other = await server.AccountAsync();
        (await other.Kore.FetchAsync("/v1/Sims")).Is(200);
        (await server.Gigs.FetchAsync("/projects/sandbox/sims?limit=1")).Is(200);
        slow.Org = Guid.Parse(TestServer.MasterSid[2..]);
        slow.IsOn = true;
        using var leaving = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 100).Select(_ => server.Gigs.GetAsync("/projects/sandbox/sims", leaving.Token)).ToList();
        await Calls.UntilAsync(() => Task.FromResult(slow.Running), running => running >= SqliteReaders.Share);

        (await other.Kore.FetchAsync("/v1/Sims").WaitAsync(Deadline, Cancelled)).Is(200);
        (await server.Operator.FetchAsync("/operator/v1/sims").WaitAsync(Deadline, Cancelled)).Is(200);
        (await server.Anonymous.FetchAsync("/health/ready").WaitAsync(Deadline, Cancelled)).Is(200);

        // Now nobody leaves anything to anybody, and the server is ready all the same.
        slow.Org = null;
        var more = Enumerable.Range(0, 100).Select(_ => other.Kore.GetAsync("/v1/Sims", leaving.Token)).ToList();
        if (server.Database is null)
            await Calls.UntilAsync(() => Task.FromResult(slow.Running), running => running == SqliteDatabase.ReadersMax);
        (await server.Anonymous.FetchAsync("/health/ready").WaitAsync(Deadline, Cancelled)).Is(200);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll([.. callers, .. more]));
        await Calls.UntilAsync(() => Task.FromResult(slow.Running), running => running == 0);
    }

    [Fact]
    public async Task A_request_that_has_used_up_its_time_is_told_so_in_the_shape_of_its_API_and_may_come_again()
    {
        var slow = new Slow();
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Storage:RequestTime"] = "500ms" }, seams: Seams.None with { Database = slow.Of });
        (await server.Gigs.FetchAsync("/projects/sandbox/sims")).Is(200);
        (await server.Kore.FetchAsync("/v1/Sims")).Is(200);
        (await server.Operator.FetchAsync("/operator/v1/sims")).Is(200);
        slow.IsOn = true;

        var gigs = await server.Gigs.FetchAsync("/projects/sandbox/sims").WaitAsync(Deadline, Cancelled);
        var kore = await server.Kore.FetchAsync("/v1/Sims").WaitAsync(Deadline, Cancelled);
        var problem = await server.Operator.FetchAsync("/operator/v1/sims").WaitAsync(Deadline, Cancelled);

        Assert.Equal("serviceUnavailable", gigs.Is(503)["type"]);
        Assert.Equal("20503", kore.Is(503)["code"]);
        Assert.Equal("outOfTime", problem.Is(503)["code"]);
        Assert.All([gigs, kore, problem], answer => Assert.Equal("1", answer.Headers.GetValues("Retry-After").Single()));
        Assert.Equal(0, slow.Running);
        slow.IsOn = false;
        (await server.Kore.FetchAsync("/v1/Sims")).Is(200);
    }

    [Fact]
    [SqliteOnly]
    public async Task A_write_that_has_not_begun_is_withdrawn_with_its_caller_and_one_that_has_begun_is_carried_through()
    {
        var held = new Held();
        await using var server = await TestServer.StartAsync(Patient, seams: Seams.None with { Database = held.Of });
        var (begun, waiting) = (await server.SimAsync("test"), await server.SimAsync("test"));
        using var leaving = new CancellationTokenSource();
        held.Hold();
        var first = Rename(begun);
        await held.Begun.WaitAsync(Deadline, Cancelled);
        var second = Rename(waiting);
        await Calls.UntilAsync(() => Task.FromResult(held.Asked), asked => asked == 2);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(first, second));
        await Calls.UntilAsync(() => Task.FromResult(held.Withdrawn), withdrawn => withdrawn == 1);
        held.Release();

        await Calls.UntilAsync(() => server.Kore.FetchAsync($"/v1/Sims/{begun}"), sim => sim["friendly_name"] == "renamed");
        Assert.Null((await server.Kore.FetchAsync($"/v1/Sims/{waiting}"))["friendly_name"]);

        Task<HttpResponseMessage> Rename(string sim) => server.Kore.PostAsync($"/v1/Sims/{sim}",
            new FormUrlEncodedContent([new("FriendlyName", "renamed")]), leaving.Token);
    }

    [Fact]
    [SqliteOnly]
    public async Task A_write_that_waits_for_another_beyond_its_time_is_told_so_and_changes_nothing()
    {
        var held = new Held();
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Storage:RequestTime"] = "1s" }, seams: Seams.None with { Database = held.Of });
        var (begun, waiting) = (await server.SimAsync("test"), await server.SimAsync("test"));
        held.Hold();
        var first = server.Kore.FormAsync($"/v1/Sims/{begun}", ("FriendlyName", "renamed"));
        await held.Begun.WaitAsync(Deadline, Cancelled);

        (await server.Kore.FormAsync($"/v1/Sims/{waiting}", ("FriendlyName", "renamed")).WaitAsync(Deadline, Cancelled)).Is(503);

        held.Release();
        Assert.Equal("renamed", (await first).Is(200)["friendly_name"]);
        Assert.Null((await server.Kore.FetchAsync($"/v1/Sims/{waiting}"))["friendly_name"]);
    }

    /// <summary>The reads that run in the database itself.</summary>
    private static int InPostgres(TestServer server) => Store.Rows(server, """
        select 1 from pg_stat_activity where datname = current_database() and state = 'active' and query like 'with recursive n %'
        """).Count;

    /// <summary>The number of readers that one org gets of the embedded store; PostgreSQL has more.</summary>
    private static class SqliteReaders
    {
        public static readonly int Share = new ReaderTurns(SqliteDatabase.ReadersMax).ShareMax;
    }

    /// <summary>A store in which every read counts to a number that it never reaches.</summary>
    private sealed class Slow
    {
        private static readonly Sql Endless = new("""
            with recursive n (i) as (select 1 union all select i + 1 from n where i < 4000000000000000000) select count(*) from n
            """);

        private int _running;

        public volatile bool IsOn;

        /// <summary>Only requests of this org are slow; null: all are.</summary>
        public Guid? Org { get; set; }

        /// <summary>The reads that have a reader.</summary>
        public int Running => Volatile.Read(ref _running);

        public Database Of(Database inner) => new SlowDatabase(inner, this);

        private sealed class SlowDatabase(Database inner, Slow slow) : Database
        {
            public override ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work) => inner.ReadAsync(async session =>
            {
                if (!slow.IsOn || Patience.Current is not { } patience || (slow.Org is { } org && patience.OrgId != org))
                    return await work(session);
                Interlocked.Increment(ref slow._running);
                try
                {
                    // Not on the thread of the client's requests, which are all sent from one.
                    await Task.Yield();
                    await session.OneAsync(Endless, static row => row.Number(0));
                    throw new InvalidOperationException("It has come to an end.");
                }
                finally
                {
                    Interlocked.Decrement(ref slow._running);
                }
            });

            public override Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work) => inner.WriteAsync(work);

            public override ValueTask<bool> AnswersAsync() => inner.AnswersAsync();

            public override bool IsShared => inner.IsShared;

            public override DateTimeOffset LeaseTime(TimeProvider wall) => inner.LeaseTime(wall);

            public override Task<IAsyncDisposable> EnterAsync(Section section) => inner.EnterAsync(section);

            public override ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }

    /// <summary>An embedded store whose writer stands still inside the next transaction of a request.</summary>
    private sealed class Held
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? _gate;
        private int _asked, _withdrawn;

        public Task Begun => _begun.Task;

        /// <summary>The writes that requests have asked for since.</summary>
        public int Asked => Volatile.Read(ref _asked);

        /// <summary>Those of them that ended with their caller.</summary>
        public int Withdrawn => Volatile.Read(ref _withdrawn);

        public void Hold()
        {
            _asked = 0;
            _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        public void Release() => _gate!.SetResult();

        public Database Of(Database inner) => new HeldDatabase(inner, this);

        private sealed class HeldDatabase(Database inner, Held held) : Database
        {
            public override ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work) => inner.ReadAsync(work);

            public override async Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work)
            {
                if (Patience.Current is null || held._gate is not { Task: { IsCompleted: false } gate })
                    return await inner.WriteAsync(work);
                Interlocked.Increment(ref held._asked);
                try
                {
                    return await inner.WriteAsync(session =>
                    {
                        held._begun.TrySetResult();
                        gate.Wait(CancellationToken.None);
                        return work(session);
                    });
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref held._withdrawn);
                    throw;
                }
            }

            public override ValueTask<bool> AnswersAsync() => inner.AnswersAsync();

            public override ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
