using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

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

        await Assert.ThrowsAsync<SqliteException>(async () => await database.ReadAsync(session => session.ExecuteAsync(Insert, Guid.Empty,
            "a", "")));

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
    public async Task A_folder_that_is_in_use_is_refused_by_name()
    {
        await using var database = Open();

        var refused = Assert.Throws<StartException>(() => Open());

        Assert.Contains(_folder.Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
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

    private SqliteDatabase Open() => SqliteDatabase.Open(_folder.Path, TimeProvider.System, NullLogger.Instance);

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
}
