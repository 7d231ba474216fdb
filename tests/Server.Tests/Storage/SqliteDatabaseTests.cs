using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;
using SQLitePCL;

namespace Simkeeper.Server.Tests.Storage;

[SqliteOnly]
public sealed class SqliteDatabaseTests : IDisposable
{
    private static readonly Sql Insert = new("insert into installation (org_id, name, value) values (@org_id, @name, @value)");
    private static readonly Sql Put = new("""
        insert into installation (org_id, name, value) values (@org_id, @name, @value) on conflict (org_id,
            name) do update set value = @value
        """);

    private static readonly Sql Get = new("select value from installation where org_id = @org_id and name = @name");
    private static readonly Sql Names = new("select name from installation where org_id = @org_id order by name");

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_exception_takes_back_its_own_work_and_nothing_else_of_the_group()
    {
        await using var database = Open();
        using var hold = new ManualResetEventSlim();
        var first = database.WriteAsync(session =>
        {
            hold.Wait(TestContext.Current.CancellationToken);
            return session.ExecuteAsync(Insert, Guid.Empty, "a", "");
        });
        var failing = database.WriteAsync<int>(async session =>
        {
            await session.ExecuteAsync(Insert, Guid.Empty, "b", "");
            throw new TimeoutException("mine");
        });
        var breaking = database.WriteAsync(async session =>
        {
            await session.ExecuteAsync(Insert, Guid.Empty, "c", "");
            return await session.ExecuteAsync(Insert, Guid.Empty, "a", "is there already");
        });
        var last = database.WriteAsync(session => session.ExecuteAsync(Insert, Guid.Empty, "d", ""));
        hold.Set();

        await first;
        Assert.Equal("mine", (await Assert.ThrowsAsync<TimeoutException>(() => failing)).Message);
        await Assert.ThrowsAsync<SqliteException>(() => breaking);
        await last;
        Assert.Equal(["a", "d"], await NamesAsync(database));
    }

    [Fact]
    public async Task A_write_that_is_done_in_the_moment_in_which_its_time_ends_has_its_answer()
    {
        await using var database = Open();
        using var hold = new ManualResetEventSlim();
        var callers = new HeldContinuations();
        var before = SynchronizationContext.Current;
        var asked = new TaskCompletionSource<int>();
        Task request;
        SynchronizationContext.SetSynchronizationContext(callers);
        try
        {
            request = Patience.RunAsync(new DefaultHttpContext(), async _ => asked.SetResult(await database.WriteAsync(_ =>
            {
                hold.Wait(TestContext.Current.CancellationToken);
                return ValueTask.FromResult(7);
            })), TimeSpan.FromMilliseconds(200));
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
        // The time has ended, and the caller has not gone on yet when its work is done.
        await callers.Posted.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        hold.Set();
        await database.WriteAsync(session => session.ExecuteAsync(Insert, Guid.Empty, "a", ""));
        callers.Release();

        await request.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(7, await asked.Task);
    }

    [Fact]
    public async Task Many_writers_lose_nothing_and_keep_their_order_and_an_answer_means_committed()
    {
        const int writers = 32, each = 40;
        await using (var database = Open())
        {
            await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
            {
                for (var i = 0; i < each; i++)
                {
                    await database.WriteAsync(async session =>
                    {
                        var before = await session.OneAsync(Get, row => row.Text(0), Guid.Empty, $"last-{writer}");
                        Assert.Equal(i == 0 ? null : $"{i - 1}", before);
                        var count = int.Parse(await session.OneAsync(Get, row => row.Text(0), Guid.Empty, "count") ?? "0");
                        await session.ExecuteAsync(Put, Guid.Empty, $"last-{writer}", $"{i}");
                        return await session.ExecuteAsync(Put, Guid.Empty, "count", $"{count + 1}");
                    });
                    Assert.Equal($"{i}", ReadFromOutside($"last-{writer}"));
                }
            })));
        }

        await using var again = Open();
        Assert.Equal($"{writers * each}", await again.ReadAsync(session => session.OneAsync(Get, row => row.Text(0), Guid.Empty, "count")));
        Assert.Equal(writers + 1, (await NamesAsync(again)).Count);
    }

    [Fact]
    public async Task A_reader_sees_only_what_is_committed()
    {
        await using var database = Open();
        using var hold = new ManualResetEventSlim();
        var written = new TaskCompletionSource();
        var writing = database.WriteAsync(async session =>
        {
            var rows = await session.ExecuteAsync(Insert, Guid.Empty, "a", "");
            written.SetResult();
            hold.Wait(TestContext.Current.CancellationToken);
            return rows;
        });
        await written.Task;

        Assert.Empty(await NamesAsync(database));
        hold.Set();
        await writing;
        Assert.Equal(["a"], await NamesAsync(database));
    }

    [Fact]
    public async Task A_reader_cannot_write()
    {
        await using var database = Open();

        var refused = await Assert.ThrowsAsync<StoreAwayException>(async () => await database.ReadAsync(
            session => session.ExecuteAsync(Insert, Guid.Empty, "a", "")));

        Assert.IsType<SqliteException>(refused.InnerException);
        Assert.Empty(await NamesAsync(database));
    }

    [Fact]
    public async Task A_work_that_waits_for_something_outside_is_refused_and_taken_back()
    {
        await using var database = Open();
        var never = new TaskCompletionSource();

        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync(async session =>
        {
            await session.ExecuteAsync(Insert, Guid.Empty, "a", "");
            await never.Task;
            return true;
        }));

        await database.WriteAsync(session => session.ExecuteAsync(Insert, Guid.Empty, "b", ""));
        Assert.Equal(["b"], await NamesAsync(database));
    }

    [Fact]
    public async Task The_log_is_emptied_while_transactions_follow_one_another_without_a_pause()
    {
        const long bytes = 100_000_000;
        await using var database = Open(logBytesMax: 1_000_000);
        string[] values = [new('x', 20_000), new('y', 20_000)];
        long written = 0, longest = 0;
        async Task WriteAsync(int writer)
        {
            for (var i = 0; Interlocked.Add(ref written, values[0].Length) < bytes; i++)
            {
                await database.WriteAsync(session => session.ExecuteAsync(Put, Guid.Empty, $"{writer}", values[i % 2]));
                InterlockedMax(ref longest, LogBytes);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() => WriteAsync(writer))));

        Assert.InRange(longest, 1, bytes / 2);
    }

    [Fact]
    public async Task A_program_that_reads_for_long_makes_the_log_grow_but_holds_no_writer_up_and_the_log_is_emptied_afterwards()
    {
        using var log = new LogCollector();
        await using var database =
            SqliteDatabase.Open(_folder.Path, TimeProvider.System, log.CreateLogger("store"), logBytesMax: 1_000_000);
        string[] values = [new('x', 100_000), new('y', 100_000)];
        var writes = 0;
        Task WriteAsync() => database.WriteAsync(session => session.ExecuteAsync(Put, Guid.Empty, "a", values[writes++ % 2]));
        await using (var reader = new SqliteConnection($"Data Source={_folder.Of("simkeeper.db")};Mode=ReadOnly;Pooling=False"))
        {
            await reader.OpenAsync(TestContext.Current.CancellationToken);
            await using var read = reader.CreateCommand();
            read.CommandText = "begin; select count(*) from installation";
            read.ExecuteScalar();
            await Calls.UntilAsync(async () =>
            {
                await WriteAsync().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
                return log.Lines.Count;
            }, lines => lines > 0);
            Assert.InRange(LogBytes, 1_000_000, long.MaxValue);
        }

        Assert.Contains("has been reading the data file", Assert.Single(log.Lines), StringComparison.Ordinal);
        await Calls.UntilAsync(() => Task.FromResult(LogBytes), length => length == 0);
    }

    [Fact]
    public async Task Whoever_waits_for_a_batch_that_cannot_begin_is_told_and_it_is_not_begun_again_for_nobody()
    {
        await Open().DisposeAsync();
        var file = $"Data Source={_folder.Of("simkeeper.db")};Pooling=False";
        await using var other = new SqliteConnection(file);
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var lockIt = other.CreateCommand();
        lockIt.CommandText = "begin immediate";
        lockIt.ExecuteNonQuery();
        var connection = new SqliteConnection(file);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var begun = 0;
        raw.sqlite3_trace(connection.Handle, (_, statement) => begun += statement == "begin immediate" ? 1 : 0, null);
        await using var writer = new SqliteWriter(new SqliteSession(connection), static () => false);

        var works = Enumerable.Range(0, 3 * SqliteWriter.BatchMax).Select(_ => writer.RunAsync(_ => ValueTask.FromResult(1))).ToList();
        foreach (var work in works)
        {
            var error = await Assert.ThrowsAsync<SqliteException>(
                () => work.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
            Assert.Equal(raw.SQLITE_BUSY, error.SqliteErrorCode);
        }

        Assert.Equal(1, begun);
        await other.CloseAsync();
        Assert.Equal(1, await writer.RunAsync(_ => ValueTask.FromResult(1)));
        Assert.Equal(2, begun);
    }

    [Fact]
    public async Task Transactions_of_requests_and_of_due_work_take_turns()
    {
        await using var database = Open();
        using var queued = new ManualResetEventSlim();
        var order = new List<string>();
        ValueTask<bool> Note(string name)
        {
            order.Add(name);
            return new(true);
        }
        Task RequestAsync(string name) => Patience.RunAsync(
            new DefaultHttpContext(), async _ => await database.WriteAsync(_ => Note(name)), TimeSpan.FromMinutes(1));
        var all = new List<Task>
        {
            database.WriteAsync(_ =>
            {
                queued.Wait(TestContext.Current.CancellationToken);
                return new ValueTask<bool>(true);
            }),
        };
        for (var i = 1; i <= 5; i++)
            all.Add(RequestAsync($"request {i}"));
        for (var i = 1; i <= 2; i++)
        {
            var name = $"due {i}";
            all.Add(database.WriteAsync(_ => Note(name)));
        }

        queued.Set();
        await Task.WhenAll(all);

        Assert.Equal(
            ["due 1", "due 2", "request 1", "request 2", "request 3", "request 4", "request 5"], order.Order());
        Assert.True(order.IndexOf("due 2") <= 4, string.Join(", ", order));
    }

    [Fact]
    public async Task A_folder_that_is_in_use_is_refused_by_name()
    {
        await using var database = Open();

        var refused = Assert.Throws<StartException>(() => Open());

        Assert.Contains(_folder.Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [StartsProgram]
    public async Task A_second_process_on_the_folder_exits_with_1_and_names_it()
    {
        await using var database = Open();

        var result = await Cli.RunAsync("serve", "--sandbox", "--urls", "http://127.0.0.1:0", "--data", _folder.Path);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(_folder.Path, result.Error, StringComparison.Ordinal);
        Assert.Contains("in use", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_is_free_again_once_its_server_has_stopped()
    {
        await (Open()).DisposeAsync();

        await using var again = Open();
        Assert.Empty(await NamesAsync(again));
    }

    [Fact]
    public async Task Foreign_files_in_the_data_folder_do_no_harm_and_stay()
    {
        string[] files = ["notes.txt", ".DS_Store", "simkeeper.db.bak", "simkeeper.lock", "migrations.sql", "core"];
        foreach (var file in files)
            await File.WriteAllTextAsync(_folder.Of(file), "not ours", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(_folder.Of("lost+found"));

        await using (var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Storage:Data"] = _folder.Path }))
            Assert.True((await server.Anonymous.GetAsync("/health/ready", TestContext.Current.CancellationToken)).IsSuccessStatusCode);

        foreach (var file in files)
            Assert.Equal("not ours", await File.ReadAllTextAsync(_folder.Of(file), TestContext.Current.CancellationToken));
        Assert.True(Directory.Exists(_folder.Of("lost+found")));
    }

    private long LogBytes => new FileInfo(_folder.Of("simkeeper.db-wal")).Length;

    private SqliteDatabase Open(long logBytesMax = SqliteCheckpoints.LogBytesMax) =>
        SqliteDatabase.Open(_folder.Path, TimeProvider.System, NullLogger.Instance, logBytesMax);

    private static void InterlockedMax(ref long most, long value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }

    private static async Task<List<string>> NamesAsync(Database database) =>
        await database.ReadAsync(session => session.ListAsync(Names, row => row.Text(0), Guid.Empty));

    /// <summary>Reads as another program would right now.</summary>
    private string? ReadFromOutside(string name)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.Of("simkeeper.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select value from installation where name = $name";
        command.Parameters.AddWithValue("$name", name);
        return (string?)command.ExecuteScalar();
    }

    /// <summary>Keeps what is to be gone on with until it is let go.</summary>
    private sealed class HeldContinuations : SynchronizationContext
    {
        private readonly TaskCompletionSource _posted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Posted => _posted.Task;

        public void Release() => _released.SetResult();

        public override void Post(SendOrPostCallback d, object? state)
        {
            _posted.TrySetResult();
            _ = _released.Task.ContinueWith(_ => d(state), TaskScheduler.Default);
        }
    }
}
