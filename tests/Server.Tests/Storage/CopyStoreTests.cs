using System.Text.Json;
using Microsoft.Data.Sqlite;
using Simkeeper.Core;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage.Copy;
using Simkeeper.Server.Tests.Deliveries;
using Simkeeper.Server.Tests.Support;
using Simkeeper.Server.Tests.Usage;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>A data folder moves to PostgreSQL: all of it, while it is in use, in as many runs as it takes.</summary>
[SqliteOnly]
public sealed class CopyStoreTests : IAsyncLifetime
{
    /// <summary>More than two chunks of the largest tables.</summary>
    private const int Cards = 2 * CopyStore.ChunkRows + 100;

    private TestServer _folder = null!;
    private TestDatabase _database = null!;
    private Receiver _receiver = null!;

    private string Key => File.ReadAllText(Path.Combine(_folder.Data, "secrets.key"));

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateEmptyAsync();
        _receiver = await Receiver.StartAsync();
        _folder = await TestServer.StartAsync(new Dictionary<string, string?> { ["Storage:Database"] = null });
        await _folder.FreezeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        await _receiver.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_folder_in_use_is_copied_then_only_what_has_changed_and_work_goes_on_there()
    {
        var esim = (await _folder.Gigs.FetchAsync("/projects/sandbox/sims?limit=200")).Is(200).Items
            .First(item => item.GetProperty("type").GetString() == "eSIM").GetProperty("id").GetString();
        var sim = await UseAsync();
        await _folder.Operator.ImportSimsAsync(Cards);
        var operatorKey = (await _folder.Operator.JsonAsync("/operator/v1/operator-keys", "{}")).Is(201);

        var first = await RunAsync();

        Assert.All(first, table => Assert.Equal(table.Rows, table.Written));
        Assert.True(Of(first, "sims").Rows > Cards && Of(first, "events").Rows > Cards, "The SIMs are missing.");
        Assert.All(
            ["operations", "jobs", "deliveries", "attempts", "commands", "data_sessions", "webhook_endpoints",
                "idempotency", "test_network"],
            name => Assert.True(Of(first, name).Rows > 0, $"There was nothing in {name}."));

        Assert.All(await RunAsync(), table => Assert.Equal(0, table.Written));

        await _folder.NoteAsync(sim, "changed");
        (await _folder.Operator.DropAsync($"/operator/v1/operator-keys/{operatorKey["id"]}")).Is(204);
        var third = await RunAsync();
        Assert.InRange(Of(third, "sims").Written, 1, CopyStore.ChunkRows);
        Assert.InRange(Of(third, "events").Written, 1, CopyStore.ChunkRows);
        Assert.Equal(Of(first, "credentials").Rows - 1, Of(third, "credentials").Rows);
        Assert.Equal(0, Of(third, "rate_plans").Written);
        Assert.True(Ids.TryParseBase62("opk", operatorKey["id"], out var id));
        Assert.Equal(["0"], await _database.RowsAsync($"select count(*) from credentials where id = '{id}'"));

        var shown = (await _folder.Operator.FetchAsync("/operator/v1/sims?limit=500")).Is(200);
        var code = (await _folder.Gigs.FetchAsync($"/projects/sandbox/sims/{esim}/credentials")).Is(200)["activationCode"];
        var told = await _folder.EventsAsync(sim);
        await using var server = await OnTheCopyAsync();

        Assert.Equal(shown.Text, (await server.Operator.FetchAsync("/operator/v1/sims?limit=500")).Is(200).Text);
        Assert.Equal(code, (await server.Gigs.FetchAsync($"/projects/sandbox/sims/{esim}/credentials")).Is(200)["activationCode"]);
        Assert.Equal(told.Select(item => item.GetRawText()), (await server.EventsAsync(sim)).Select(item => item.GetRawText()));
        (await server.Bearer(operatorKey["secret"]!).FetchAsync("/operator/v1/clock")).Is(401);
        await server.AdvanceAsync("2h");
        Assert.Equal("suspended", await server.SettledAsync(sim));
        await _receiver.GotAsync(2);
        var heard = Messaging.Form(_receiver.All.Single(request => !request.Headers.ContainsKey("webhook-id")
            && request.Body.Contains("SimStatus", StringComparison.Ordinal)).Body);
        Assert.Equal((sim, "suspended"), (heard["SimSid"], heard["SimStatus"]));
        Assert.Contains("queued", (await _folder.Kore.FetchAsync("/v1/Commands")).Text, StringComparison.Ordinal);
        // Whether it or the suspension comes first is not said; either way it is not left where it was.
        Assert.Contains((await server.Kore.FetchAsync("/v1/Commands")).Is(200).Json.GetProperty("commands")[0]
            .GetProperty("status").GetString(), (string[])["delivered", "failed"]);
        Assert.Equal("500+1000", (await server.Kore.UsageAsync(sim, "Granularity=all"))[0].Data().Split(' ')[0]);
    }

    [Fact]
    public async Task A_server_that_was_stopped_during_the_copy_may_have_written_more_and_is_told_of()
    {
        var sim = await _folder.SimAsync("test");
        await using var copy = new PausedCopy(_folder.Data, _database);
        await copy.HalfwayAsync();
        await _folder.NoteAsync(sim, "after the copy began");
        await _folder.StopAsync();

        Assert.True(await copy.EndAsync(), "The server that had been there was not told of.");
        await using var again = new PausedCopy(_folder.Data, _database);
        await again.HalfwayAsync();
        await Assert.ThrowsAsync<StartException>(_folder.RestartAsync);
        Assert.False(await again.EndAsync(), "There was no server.");
        await _folder.RestartAsync();
        Assert.Equal(["1"], await _database.RowsAsync(
            $"select count(*) from sims where id = '{sim[2..]}' and metadata like '%after the copy began%'"));
    }

    [Fact]
    public async Task Whoever_comes_to_the_database_while_it_is_being_copied_to_waits_for_the_end_and_says_so()
    {
        await using var copy = new PausedCopy(_folder.Data, _database);
        await copy.HalfwayAsync();
        var waits = new TaskCompletionSource();

        var second = CopyStore.RunAsync(_folder.Data, _database.ConnectionString, TimeProvider.System, waits.SetResult, (_, _) => { },
            TestContext.Current.CancellationToken);
        await Task.WhenAny(waits.Task, second);
        Assert.False(second.IsCompleted, "Two copies were under way at once.");
        var starting = OnTheCopyAsync();
        await Calls.UntilAsync(() => _database.RowsAsync("""
            select pid from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())
            """), waiting => waiting.Count == 2 || starting.IsCompleted);
        Assert.False(starting.IsCompleted, "A server started on a part of a copy.");
        await copy.EndAsync();

        await using var server = await starting;
        Assert.Contains(server.Log.Lines, line => line.Contains("migrate-store is copying to it", StringComparison.Ordinal));
        // Either the second copy was before the server, or it is refused.
        await Record.ExceptionAsync(() => second);
        Assert.Equal((await _folder.Kore.FetchAsync("/v1/Sims")).Is(200).Text.Replace(_folder.Url.Authority, "", StringComparison.Ordinal),
            (await server.Kore.FetchAsync("/v1/Sims")).Is(200).Text.Replace(server.Url.Authority, "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_that_broke_off_is_taken_up_by_the_next()
    {
        await _folder.Operator.ImportSimsAsync(Cards);
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CopyStore.RunAsync(
            _folder.Data, _database.ConnectionString, TimeProvider.System, () => { },
            (done, total) => StopAfter(done * 2 > total), stop.Token));

        var there = long.Parse((await _database.RowsAsync("select count(*) from events")).Single());
        Assert.InRange(there, CopyStore.ChunkRows, Cards);
        var refused = await Assert.ThrowsAsync<StartException>(() => OnTheCopyAsync());
        Assert.Contains("unfinished copy", refused.Message, StringComparison.Ordinal);
        var tables = await RunAsync();
        Assert.InRange(Of(tables, "events").Written, 1, Of(tables, "events").Rows - CopyStore.ChunkRows);
        Assert.All(await RunAsync(), table => Assert.Equal(0, table.Written));

        void StopAfter(bool half)
        {
            if (half)
                stop.Cancel();
        }
    }

    [Fact]
    public async Task A_name_that_one_SIM_gave_to_another_between_two_runs_does_not_stand_in_the_way_of_the_second()
    {
        await _folder.Operator.ImportSimsAsync(Cards);
        var (first, last) = (Sim("order by id"), Sim("order by id desc"));
        (await _folder.Kore.FormAsync($"/v1/Sims/{last}", ("UniqueName", "pump"))).Is(200);
        await RunAsync();
        (await _folder.Kore.FormAsync($"/v1/Sims/{last}", ("UniqueName", ""))).Is(200);
        (await _folder.Kore.FormAsync($"/v1/Sims/{first}", ("UniqueName", "pump"))).Is(200);

        await RunAsync();

        Assert.Equal([$"{Guid.Parse(first[2..])}"], await _database.RowsAsync("select id from sims where unique_name = 'pump'"));

        string Sim(string order) => "DE" + Store.Rows(_folder,
            $"select lower(hex(id)) from sims where account_id = (select account_id from sims order by id desc limit 1) {order} limit 1")
            .Single();
    }

    [Fact]
    public async Task A_copy_on_which_a_server_has_been_started_is_not_overwritten()
    {
        await RunAsync();
        await using (var server = await OnTheCopyAsync())
            (await server.Kore.FetchAsync("/v1/Sims")).Is(200);

        var refused = await Assert.ThrowsAsync<StartException>(RunAsync);

        Assert.Contains("not empty", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_of_one_folder_is_not_overwritten_with_another()
    {
        await RunAsync();
        await using var other = await TestServer.StartAsync(new Dictionary<string, string?> { ["Storage:Database"] = null });

        var refused = await Assert.ThrowsAsync<StartException>(() => CopyStore.RunAsync(
            other.Data, _database.ConnectionString, TimeProvider.System, () => { }, (_, _) => { }, TestContext.Current.CancellationToken));

        Assert.Contains("another installation", refused.Message, StringComparison.Ordinal);
        Assert.All(await RunAsync(), table => Assert.Equal(0, table.Written));
    }

    [Fact]
    public async Task A_server_on_the_copy_with_another_key_does_not_start()
    {
        await RunAsync();

        await Assert.ThrowsAsync<StartException>(() => OnTheCopyAsync("another key"));
    }

    [Fact]
    [StartsProgram]
    public async Task The_command_says_what_it_copied_and_ends_as_every_other_command_does()
    {
        using var copy = new TestFolder();
        using (var source = new SqliteConnection($"Data Source={Path.Combine(_folder.Data, "simkeeper.db")};Pooling=False"))
        {
            source.Open();
            using var command = source.CreateCommand();
            command.CommandText = $"vacuum into '{copy.Of("simkeeper.db")}'";
            command.ExecuteNonQuery();
        }
        var environment = new Dictionary<string, string> { ["SIMKEEPER__Storage__Database"] = _database.ConnectionString };

        var live = await Cli.RunAsync(environment, "", "migrate-store", "--data", _folder.Data, "--json");
        Assert.True(live.ExitCode == 0, live.Error);
        var tables = live.Output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var sims = tables.Single(table => table.GetProperty("table").GetString() == "sims");
        Assert.Equal(sims.GetProperty("rows").GetInt64(), sims.GetProperty("written").GetInt64());
        Assert.Equal(64, sims.GetProperty("sha256").GetString()!.Length);
        Assert.Contains("A server was running on it", live.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hold the same", live.Error, StringComparison.Ordinal);

        // The same folder from a backup: the installation is the same, and no server runs on it.
        var again = await Cli.RunAsync([], "", "migrate-store", "--data", copy.Path, "--database", _database.ConnectionString);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(["table", "rows", "written", "sha256"], again.Output.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("Both stores hold the same.", again.Error, StringComparison.Ordinal);

        await OlderAsync(copy);
        var older = await Cli.RunAsync(environment, "", "migrate-store", "--data", copy.Path);
        Assert.Equal((1, ""), (older.ExitCode, older.Output));
        Assert.Contains("another version", older.Error, StringComparison.Ordinal);

        using var empty = new TestFolder();
        Assert.Equal(2, (await Cli.RunAsync(environment, "", "migrate-store", "--data", empty.Path)).ExitCode);
        Assert.Equal(2, (await Cli.RunAsync([], "", "migrate-store", "--data", _folder.Data)).ExitCode);
        Assert.Equal(2, (await Cli.RunAsync([], "", "migrate-store", "--data", _folder.Data, "--database", "no=such")).ExitCode);
        var away = await Cli.RunAsync([], "", "migrate-store", "--data", _folder.Data, "--database",
            "Host=127.0.0.1;Port=1;Username=x;Password=CANARY");
        Assert.Equal(1, away.ExitCode);
        Assert.DoesNotContain("CANARY", away.Error, StringComparison.Ordinal);
    }

    private static CopiedTable Of(IEnumerable<CopiedTable> tables, string name) => tables.Single(table => table.Name == name);

    private async Task<IReadOnlyList<CopiedTable>> RunAsync()
    {
        var (tables, isLive) = await CopyStore.RunAsync(
            _folder.Data, _database.ConnectionString, TimeProvider.System, () => { }, (_, _) => { }, TestContext.Current.CancellationToken);
        Assert.True(isLive, "The server on the folder was not seen.");
        return tables;
    }

    private Task<TestServer> OnTheCopyAsync(string? key = null) => TestServer.StartAsync(new Dictionary<string, string?>
    {
        ["Storage:Database"] = _database.ConnectionString,
        ["Secrets:Key"] = key ?? Key,
    });

    /// <summary>Something of everything, some of it not finished. Gives the SIM that it happened to.</summary>
    private async Task<string> UseAsync()
    {
        await _folder.HookAsync(_receiver.Url, events: "com.gigs.sim.activated");
        var sim = await _folder.ServedAsync();
        await _receiver.GotAsync(1);
        await _folder.NoteAsync(sim, "with a ' quote, a line\\nand \u00e9");
        var now = await _folder.NowAsync();
        await _folder.ReportAsync(new Report(sim, "s", now, now, 500, 1000));
        (await _folder.Gigs.JsonAsync(
            "/projects/sandbox/sims/search", """{"iccid":"8988307111111111114"}""", ("Idempotency-Key", "once"))).Is(200);
        await _folder.FaultAsync("""{"carrier":"test","kind":"down","for":"1h"}""");
        await _folder.SendAsync(sim);
        await _folder.AdvanceAsync("1m");
        (await _folder.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "suspended"), ("CallbackUrl", _receiver.Url))).Is(202);
        return sim;
    }

    /// <summary>Makes the folder one of an earlier program.</summary>
    private static async Task OlderAsync(TestFolder folder)
    {
        await using var store = new SqliteConnection($"Data Source={folder.Of("simkeeper.db")};Pooling=False");
        await store.OpenAsync();
        await using var command = store.CreateCommand();
        command.CommandText = "delete from migrations where name = (select max(name) from migrations)";
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    /// <summary>A copy that stands still when a part of it is done, until it is let go on.</summary>
    private sealed class PausedCopy : IAsyncDisposable
    {
        private readonly TaskCompletionSource _halfway = new();
        private readonly ManualResetEventSlim _goOn = new();
        private readonly Task<bool> _copy;

        public PausedCopy(string folder, TestDatabase database) => _copy = Task.Run(async () =>
        {
            var (_, isLive) = await CopyStore.RunAsync(folder, database.ConnectionString, TimeProvider.System, () => { }, (_, _) =>
            {
                _halfway.TrySetResult();
                _goOn.Wait();
            }, CancellationToken.None);
            return isLive;
        });

        public Task HalfwayAsync() => Task.WhenAny(_halfway.Task, _copy).Unwrap();

        /// <summary>Lets it go on, and says when it has ended whether a server had the folder open.</summary>
        public Task<bool> EndAsync()
        {
            _goOn.Set();
            return _copy;
        }

        public async ValueTask DisposeAsync()
        {
            await EndAsync();
            _goOn.Dispose();
        }
    }
}
