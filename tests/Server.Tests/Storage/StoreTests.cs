using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Postgres;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>The promises of every store, on which all else relies.</summary>
public abstract class StoreTests : IAsyncLifetime
{
    private protected static readonly Sql Insert = new("insert into installation (org_id, name, value) values (@org_id, @name, @value)");
    private protected static readonly Sql Get = new("select value from installation where org_id = @org_id and name = @name");
    private static readonly Sql Names = new("select name from installation where org_id = @org_id order by name");
    private static readonly Sql Take = new("""
        insert into directory (kind, value, org_id, target) values (@kind, @value, @org_id, @target) on conflict (kind, value) do nothing
        """);

    private static readonly Sql IfSame = new(
        "update installation set value = @value where org_id = @org_id and name = @name and value = @before");

    private static readonly Sql InsertDelivery = new("""
        insert into attempts (org_id, delivery_id, number, at, status, latency_ms, answer, error)
        values (@org_id, @delivery_id, @number, @at, @status, @latency_ms, @answer, @error)
        """);

    private static readonly Sql Attempt = new("""
        select delivery_id, number, at, status, answer, error from attempts where org_id = @org_id and delivery_id = @delivery_id
        """);

    private static readonly Sql Age = new(
        "update jobs set lease_until = lease_until - @time where org_id = @org_id and lease_until is not null");

    private static readonly Sql Ids = new("select delivery_id from attempts where org_id = @org_id order by delivery_id");
    private static readonly Guid Org = Guid.CreateVersion7();

    private protected Database Store { get; private set; } = null!;

    private protected MovableTime Wall { get; } = new();

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        if (Store is not null)
            await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<Database> OpenAsync();

    [Fact]
    public async Task An_answer_means_that_everybody_sees_it()
    {
        await Store.WriteAsync(session => session.ExecuteAsync(Insert, Org, "a", "1"));

        Assert.Equal("1", await ValueAsync("a"));
    }

    [Fact]
    public async Task An_exception_takes_back_all_that_the_work_did()
    {
        var thrown = await Assert.ThrowsAsync<TimeoutException>(() => Store.WriteAsync<int>(async session =>
        {
            await session.ExecuteAsync(Insert, Org, "a", "1");
            throw new TimeoutException("mine");
        }));

        Assert.Equal("mine", thrown.Message);
        Assert.Null(await ValueAsync("a"));
    }

    [Fact]
    public async Task A_statement_that_the_store_refuses_takes_all_back_and_the_store_goes_on()
    {
        await Store.WriteAsync(session => session.ExecuteAsync(Insert, Org, "taken", ""));

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Store.WriteAsync(async session =>
        {
            await session.ExecuteAsync(Insert, Org, "a", "1");
            return await session.ExecuteAsync(Insert, Org, "taken", "");
        }));

        await Store.WriteAsync(session => session.ExecuteAsync(Insert, Org, "b", ""));
        Assert.Equal(["b", "taken"], await Store.ReadAsync(session => session.ListAsync(Names, row => row.Text(0), Org)));
    }

    [Fact]
    public async Task A_row_that_is_there_is_no_error_where_the_statement_says_so()
    {
        var rows = await Store.WriteAsync(async session => (
            await session.ExecuteAsync(Take, "iccid", "1", Org, Org), await session.ExecuteAsync(Take, "iccid", "1", Org, Org)));

        Assert.Equal((1, 0), rows);
    }

    [Fact]
    public async Task Writers_that_name_what_they_have_read_lose_nothing()
    {
        const int writers = 8, each = 20;
        await Store.WriteAsync(session => session.ExecuteAsync(Insert, Org, "count", "0"));

        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < each;)
            {
                done += await Store.WriteAsync(async session =>
                {
                    var before = await session.OneAsync(Get, row => row.Text(0), Org, "count");
                    var next = (int.Parse(before!, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);
                    return await session.ExecuteAsync(IfSame, next, Org, "count", before);
                });
            }
        })));

        Assert.Equal($"{writers * each}", await ValueAsync("count"));
    }

    [Fact]
    public async Task What_is_written_later_is_seen_by_the_next_statement_and_durable_with_the_commit()
    {
        var seen = await Store.WriteAsync(async session =>
        {
            await session.LaterAsync(Insert, Org, "a", "1");
            await session.ChangeAsync(IfSame, "2", Org, "a", "1");
            var names = await session.ListAsync(Names, row => row.Text(0), Org);
            await session.ChangeAsync(IfSame, "3", Org, "a", "2");
            var value = await session.OneAsync(Get, row => row.Text(0), Org, "a");
            await session.ChangeAsync(IfSame, "4", Org, "a", "3");
            await session.LaterAsync(Insert, Org, "b", "1");
            Assert.Equal(1, await session.ExecuteAsync(IfSame, "2", Org, "b", "1"));
            await session.ChangeAsync(IfSame, "5", Org, "a", "4");
            return (string.Join(',', names), value);
        });

        Assert.Equal(("a", "3"), seen);
        Assert.Equal(("5", "2"), (await ValueAsync("a"), await ValueAsync("b")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_that_finds_another_version_takes_all_back(bool last)
    {
        await Store.WriteAsync(session => session.ExecuteAsync(Insert, Org, "a", "1"));

        await Assert.ThrowsAsync<LostRaceException>(() => Store.WriteAsync(async session =>
        {
            await session.LaterAsync(Insert, Org, "before", "");
            await session.ChangeAsync(IfSame, "2", Org, "a", "not this");
            await session.LaterAsync(Insert, Org, "after", "");
            return last || await session.AnyAsync(Get, Org, "a");
        }));

        Assert.Equal(("1", null, null), (await ValueAsync("a"), await ValueAsync("before"), await ValueAsync("after")));
        await Store.WriteAsync(session => session.ExecuteAsync(Insert, Org, "next", "1"));
        Assert.Equal("1", await ValueAsync("next"));
    }

    [Fact]
    public async Task Many_rows_are_inserted_at_once_after_what_was_written_before_and_those_there_already_are_not_counted()
    {
        var id = Guid.CreateVersion7();
        string Kind(int i) => $"{Org:N} {i}";
        var counts = await Store.WriteAsync(async session =>
        {
            await session.LaterAsync(Take, Kind(1), "there already", Org, id);
            var taken = await session.InsertAsync(
                Take, [.. Enumerable.Range(0, 3).Select(i => new object?[] { Kind(i), "there already", Org, id })]);
            var attempts = await session.InsertAsync(InsertDelivery,
            [
                [Org, id, 1, DateTimeOffset.UnixEpoch, null, 5, "a\0b", null],
                [Org, id, 2, DateTimeOffset.UnixEpoch, 200, 5, null, "é\n"],
            ]);
            return (taken, attempts, await session.InsertAsync(Insert, []));
        });

        Assert.Equal((2, 2, 0), counts);
        var read = await Store.ReadAsync(session => session.ListAsync(
            Attempt, row => (row.Number(1), row.NumberOrNull(3), row.TextOrNull(5)), Org, id));
        Assert.Equal([(1L, null, null), (2L, 200L, "é\n")], read.Order());
    }

    [Fact]
    public async Task Of_many_who_look_first_and_then_take_one_takes_and_the_others_see_who_did()
    {
        var takers = await Task.WhenAll(Enumerable.Range(0, 12).Select(taker => Task.Run(() => Store.WriteAsync(async session =>
        {
            if (await session.OneAsync(Get, row => row.Text(0), Org, "one") is { } other)
                return other;
            await session.ExecuteAsync(Insert, Org, "one", $"{taker}");
            return $"{taker}";
        }))));

        Assert.Single(takers.Distinct());
    }

    [Fact]
    public async Task Values_come_back_as_they_were_and_null_as_null()
    {
        var id = Guid.CreateVersion7();
        var at = DateTimeOffset.FromUnixTimeMilliseconds(4_102_444_800_123);
        await Store.WriteAsync(session => session.ExecuteAsync(InsertDelivery, Org, id, long.MaxValue, at, null, true, "ß✓ 'x'", null));

        var read = await Store.ReadAsync(session => session.OneAsync(Attempt,
            row => (row.Id(0), row.Number(1), row.Time(2), row.NumberOrNull(3), row.Text(4), row.TextOrNull(5)), Org, id));

        Assert.Equal((id, long.MaxValue, at, null, "ß✓ 'x'", null), read);
    }

    [Fact]
    public async Task Texts_sort_by_their_bytes()
    {
        string[] names = ["a", "B", "ä", "_", "Z", "a b", "ab", "-a"];
        await Store.WriteAsync(async session =>
        {
            foreach (var name in names)
                await session.ExecuteAsync(Insert, Org, name, "");
            return true;
        });

        Assert.Equal(names.Order(StringComparer.Ordinal),
            await Store.ReadAsync(session => session.ListAsync(Names, row => row.Text(0), Org)));
    }

    [Fact]
    public async Task Ids_sort_as_they_are_written()
    {
        var ids = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid()).ToList();
        await Store.WriteAsync(async session =>
        {
            foreach (var id in ids)
                await session.ExecuteAsync(InsertDelivery, Org, id, 1, 0, null, 0, null, null);
            return true;
        });

        Assert.Equal(ids.OrderBy(id => id.ToString(), StringComparer.Ordinal),
            await Store.ReadAsync(session => session.ListAsync(Ids, row => row.Id(0), Org)));
    }

    [Fact]
    public async Task A_text_that_no_text_can_be_is_not_found()
    {
        await Store.WriteAsync(session => session.ExecuteAsync(Insert, Org, "a", "1"));

        Assert.Null(await ValueAsync("a\0"));
    }

    [Fact]
    public async Task Every_statement_is_one_that_the_store_can_run()
    {
        foreach (var (name, sql) in SchemaTests.Statements())
        {
            // With nulls for values it changes nothing, or is refused for the null and nothing else.
            var error = await Record.ExceptionAsync(() => Store.WriteAsync<int>(async session =>
            {
                await session.ListAsync(sql, _ => 0, new object?[sql.Parameters.Count]);
                throw new TimeoutException();
            }));
            Assert.True(error is TimeoutException || error!.Message.Contains("null", StringComparison.OrdinalIgnoreCase)
                || error.Message.Contains("mismatch", StringComparison.Ordinal), $"{name}: {error}");
        }
    }

    [Fact]
    public async Task A_job_is_claimed_by_one_server_and_by_another_once_its_lease_has_ended()
    {
        var (one, other) = (Queue(), Queue());
        await PutAsync(30);

        var claimed = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            (i % 2 == 0 ? one : other).ClaimAsync(Lane.Timers, "", Wall.GetUtcNow(), 10))));

        var jobs = claimed.SelectMany(some => some).ToList();
        Assert.All(claimed, some => Assert.InRange(some.Count, 0, 10));
        Assert.Equal(jobs.Count, jobs.Select(job => job.SubjectId).Distinct().Count());
        while (await other.ClaimAsync(Lane.Timers, "", Wall.GetUtcNow(), 10) is { Count: > 0 } more)
            jobs.AddRange(more);
        Assert.Equal(30, jobs.Select(job => job.SubjectId).Distinct().Count());

        await PassAsync(TimeSpan.FromSeconds(11));
        Assert.Equal(30, (await other.ClaimAsync(Lane.Timers, "", Wall.GetUtcNow(), 100)).Count);
    }

    [Fact]
    public async Task A_lease_that_is_renewed_lasts_and_one_of_a_job_that_was_moved_on_does_not()
    {
        var (one, other) = (Queue(), Queue());
        await PutAsync(2);
        var claimed = await one.ClaimAsync(Lane.Timers, "", Wall.GetUtcNow(), 10);
        await PassAsync(TimeSpan.FromSeconds(6));
        await Store.WriteAsync(session =>
            JobQueue.PutAsync(session, claimed[1].OrgId, JobKind.Timer, claimed[1].SubjectId, Lane.Timers, Wall.GetUtcNow(),
                Wall.GetUtcNow()));
        foreach (var job in claimed)
            await one.RenewAsync([job]);
        await PassAsync(TimeSpan.FromSeconds(6));

        Assert.Equal([claimed[1].SubjectId],
            (await other.ClaimAsync(Lane.Timers, "", Wall.GetUtcNow(), 10)).Select(job => job.SubjectId));
        Assert.Empty(await one.ClaimAsync(Lane.Timers, "", Wall.GetUtcNow(), 10));
    }

    private protected JobQueue Queue(SimClock? clock = null) => new(Store, clock ?? new SimClock(Wall),
        new JobSettings(new Settings(new ConfigurationBuilder().Build())), new Signals(), NullLogger.Instance);

    /// <summary>Lets so much of the leases' time pass.</summary>
    private Task<int> PassAsync(TimeSpan time) => Store.WriteAsync(session => session.ExecuteAsync(Age, (long)time.TotalMilliseconds, Org));

    private protected Task PutAsync(int jobs) => Store.WriteAsync(async session =>
    {
        await session.ExecuteAsync(Simkeeper.Server.Accounts.AccountSql.InsertOrg, Org, 0);
        for (var i = 0; i < jobs; i++)
            await JobQueue.PutAsync(session, Org, JobKind.Timer, Guid.CreateVersion7(), Lane.Timers, DateTimeOffset.UnixEpoch,
                DateTimeOffset.UnixEpoch);
        return true;
    });

    private ValueTask<string?> ValueAsync(string name) => Store.ReadAsync(session => session.OneAsync(Get, row => row.Text(0), Org, name));
}

[SqliteOnly]
public sealed class SqliteStoreTests : StoreTests
{
    private readonly TestFolder _folder = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    private protected override Task<Database> OpenAsync() =>
        Task.FromResult<Database>(SqliteDatabase.Open(_folder.Path, Wall, NullLogger.Instance));
}

[SqliteOnly]
public sealed class PostgresStoreTests : StoreTests
{
    private TestDatabase? _database;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }

    [Fact]
    public async Task While_the_clock_is_moved_nobody_claims_but_the_server_that_moves_it()
    {
        await PutAsync(3);
        var moved = new SimClock(Wall);
        moved.MoveTo(moved.Now);
        await using (await Store.EnterAsync(Section.Clock))
        {
            Assert.Empty(await Queue().ClaimAsync(Lane.Timers, "", Wall.GetUtcNow(), 2));
            Assert.Equal(2, (await Queue(moved).ClaimAsync(Lane.Timers, "", Wall.GetUtcNow(), 2)).Count);
        }

        Assert.Single(await Queue().ClaimAsync(Lane.Timers, "", Wall.GetUtcNow(), 2));
    }

    [Fact]
    public async Task Leases_hold_and_end_by_the_database_s_clock_whatever_the_clocks_of_the_servers_say()
    {
        var (ahead, behind) = (new MovableTime(Wall.GetUtcNow().AddHours(1)), new MovableTime(Wall.GetUtcNow().AddHours(-1)));
        await using var early = await PostgresDatabase.OpenAsync(_database!.ConnectionString, ahead);
        await using var late = await PostgresDatabase.OpenAsync(_database.ConnectionString, behind);
        var settings = new JobSettings(new Settings(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Jobs:Lease"] = "1s" }).Build()));
        Task<List<Job>> ClaimAsync(PostgresDatabase store, TimeProvider wall) =>
            new JobQueue(store, new SimClock(wall), settings, new Signals(), NullLogger.Instance)
                .ClaimAsync(Lane.Timers, "", Wall.GetUtcNow(), 10);
        await PutAsync(2);

        Assert.Equal(2, (await ClaimAsync(late, behind)).Count);
        Assert.Empty(await ClaimAsync(early, ahead));
        Assert.Equal(2, (await Calls.UntilAsync(() => ClaimAsync(early, ahead), claimed => claimed.Count > 0)).Count);
        Assert.Equal(2, (await Calls.UntilAsync(() => ClaimAsync(late, behind), claimed => claimed.Count > 0)).Count);
    }

    [Fact]
    public async Task Whoever_enters_a_section_waits_for_the_transactions_that_count_on_its_being_empty()
    {
        Task<IAsyncDisposable>? entering = null;
        await Store.WriteAsync(async session =>
        {
            await session.StayOutAsync(Section.Clock);
            await session.ExecuteAsync(Insert, Guid.Empty, "a", "1");
            entering = Store.EnterAsync(Section.Clock);
            await session.AnyAsync(new Sql("select pg_sleep(0.05)"));
            Assert.False(entering.IsCompleted);
            return true;
        });

        await using (await entering!)
            Assert.Equal("1", await Store.ReadAsync(session => session.OneAsync(Get, row => row.Text(0), Guid.Empty, "a")));
    }

    [Fact]
    public async Task Of_two_who_both_find_a_value_free_the_slower_looks_again()
    {
        var looked = 0;
        var both = new TaskCompletionSource();
        async Task<string> TakeAsync(string taker) => await Store.WriteAsync(async session =>
        {
            if (await session.OneAsync(Get, row => row.Text(0), Guid.Empty, "one") is { } other)
                return other;
            if (Interlocked.Increment(ref looked) == 2)
                both.SetResult();
            await both.Task;
            await session.ExecuteAsync(Insert, Guid.Empty, "one", taker);
            return taker;
        });

        Assert.Single((await Task.WhenAll(TakeAsync("a"), TakeAsync("b"))).Distinct());
    }

    [Fact]
    public async Task A_section_has_one_server_inside_and_is_free_again_when_its_connection_is_gone()
    {
        var inside = 0;
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            await using (await Store.EnterAsync(Section.Start))
            {
                Assert.Equal(1, Interlocked.Increment(ref inside));
                await Store.ReadAsync(session => session.AnyAsync(new Sql("select pg_sleep(0.01)")));
                Interlocked.Decrement(ref inside);
            }
        })));
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_refused_in_words_without_the_password()
    {
        var refused = await Assert.ThrowsAsync<StartException>(() => PostgresDatabase.OpenAsync(
            _database!.ConnectionString + ";Database=nowhere;Password=hush", TimeProvider.System));

        Assert.Contains("nowhere", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_away()
    {
        var refused = await Assert.ThrowsAsync<StartException>(() =>
            PostgresDatabase.OpenAsync("Host=/nowhere/at/all;Username=simkeeper;Password=hush", TimeProvider.System));

        Assert.Contains("cannot be reached", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_that_cannot_be_reached_says_so_in_time_and_is_there_again_by_itself(bool cut)
    {
        await using var wire = TestDatabase.Wire();
        await using var store = await PostgresDatabase.OpenAsync(_database!.Over(wire), Wall);
        Assert.False(await ReadAsync(store));
        if (cut)
            wire.Cut();
        else
            wire.Silence();

        var since = System.Diagnostics.Stopwatch.StartNew();
        await Assert.ThrowsAsync<StoreAwayException>(() => ReadAsync(store));
        await Assert.ThrowsAsync<StoreAwayException>(() => store.WriteAsync(session => session.AnyAsync(Get, Guid.Empty, "a")));
        Assert.InRange(since.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));

        wire.Mend();
        Assert.False(await Calls.UntilAsync(async () =>
        {
            try
            {
                return await ReadAsync(store);
            }
            catch (StoreAwayException)
            {
                return true;
            }
        }, away => !away));
    }

    [Fact]
    public async Task Connections_that_the_server_has_ended_are_replaced_and_nobody_notices()
    {
        await Store.WriteAsync(session => session.ExecuteAsync(JobSql.Delete, Guid.Empty, "timer", Guid.Empty));
        await _database!.EndConnectionsAsync();

        Assert.Equal(0, await Store.WriteAsync(session => session.ExecuteAsync(JobSql.Delete, Guid.Empty, "timer", Guid.Empty)));
    }

    private static Task<bool> ReadAsync(Database store) => store.ReadAsync(session => session.AnyAsync(Get, Guid.Empty, "a")).AsTask();

    private protected override async Task<Database> OpenAsync()
    {
        _database = await TestDatabase.CreateAsync();
        return await PostgresDatabase.OpenAsync(_database.ConnectionString, Wall);
    }
}
