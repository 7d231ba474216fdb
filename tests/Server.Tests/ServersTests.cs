using System.Collections.Concurrent;
using Npgsql;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Tests.Deliveries;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>Several servers on one PostgreSQL database are one installation.</summary>
[SqliteOnly]
public sealed class ServersTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateEmptyAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Servers_that_start_together_on_an_empty_database_make_one_installation()
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync()));
        try
        {
            foreach (var server in servers)
            {
                var sims = (await server.Gigs.FetchAsync("/projects/sandbox/sims?limit=100")).Is(200).Json.GetProperty("items");
                Assert.Equal(Simkeeper.Server.Sims.DemoSims.OfMaster, sims.GetArrayLength());
            }
            Assert.Equal(["1"], Store.Rows(servers[0], "select count(*) from installation where name = 'key-ring'"));
            var account = await servers[0].AccountAsync();
            (await servers[1].Basic(account.Sid, account.Token).FetchAsync("/v1/Sims")).Is(200);
        }
        finally
        {
            foreach (var server in servers)
                await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_key_that_one_server_revokes_is_refused_by_the_others_within_a_second()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        var key = (await one.Operator.JsonAsync("/operator/v1/operator-keys", "{}")).Is(201);
        var client = other.Bearer(key["secret"]!);
        (await client.FetchAsync("/operator/v1/clock")).Is(200);

        (await one.Operator.DropAsync($"/operator/v1/operator-keys/{key["id"]}")).Is(204);

        var since = System.Diagnostics.Stopwatch.StartNew();
        await Calls.UntilAsync(() => client.FetchAsync("/operator/v1/clock"), answer => answer.Status == 401);
        Assert.InRange(since.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task The_clock_is_one_and_whoever_is_asked_moves_it()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        var start = await one.FreezeAsync();
        await Calls.UntilAsync(other.NowAsync, now => now == start);

        Assert.Equal(start.AddDays(3), await other.AdvanceAsync("72h"));
        Assert.Equal(start.AddDays(4), await one.AdvanceAsync("24h"));

        await Calls.UntilAsync(other.NowAsync, now => now == start.AddDays(4));
    }

    [Fact]
    public async Task What_falls_due_on_a_moved_clock_happens_once_at_its_moment()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        await one.FreezeAsync();
        var sims = new List<string>();
        for (var i = 0; i < 8; i++)
            sims.Add(await one.SimAsync("test"));
        foreach (var sim in sims)
        {
            await one.AskAsync(sim, "deactivated");
        }
        await other.AdvanceAsync("1m");
        foreach (var sim in sims)
            await other.UntilShownAsync(sim, "deactivated");

        await Task.WhenAll(one.AdvanceAsync("80h"), other.AdvanceAsync("80h"));

        foreach (var sim in sims)
            Assert.Equal(["deactivated", "canceled"],
                (await one.StoryAsync(sim)).Where(told => !told.StartsWith("sim.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_server_of_the_role_api_leaves_work_to_the_workers_which_answer_nothing_but_their_health()
    {
        await using var api = await StartAsync(("Jobs:Role", "api"));
        var heard = new ConcurrentQueue<string>();
        await using var receiver = await Receiver.StartAsync((_, context) =>
        {
            heard.Enqueue(context.Request.Query["SimStatus"].ToString());
            return Task.CompletedTask;
        });
        var sim = await api.SimAsync("test");
        await api.AskAsync(sim, "active", receiver.Url);
        Assert.Equal("updating", await api.ShownAsync(sim));

        await using var worker = await StartAsync(("Jobs:Role", "worker"));

        await api.UntilShownAsync(sim, "active");
        await Calls.UntilAsync(() => Task.FromResult(heard.Count), count => count > 0);
        Assert.Equal(["active"], heard);
        (await worker.Anonymous.FetchAsync("/health/ready")).Is(200);
        (await worker.Operator.FetchAsync("/operator/v1/clock")).Is(404);
        (await worker.Gigs.FetchAsync("/projects/sandbox/sims")).Is(404);
    }

    [Fact]
    public async Task Faults_and_limits_that_one_server_is_given_hold_on_the_others()
    {
        await using var api = await StartAsync(("Jobs:Role", "api"));
        await using var worker = await StartAsync();
        await api.FaultAsync("""{"carrier":"test","kind":"refuse"}""");
        await Calls.UntilAsync(
            () => worker.Operator.FetchAsync("/operator/v1/faults"), answer => answer.Items.Length == 1);
        var sim = await api.SimAsync("test");

        await api.AskAsync(sim, "active");

        await api.UntilShownAsync(sim, "new");
        Assert.Equal("refused", (await api.NewestOperationAsync(sim)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_migration_may_take_longer_than_any_statement_of_a_request()
    {
        // The first table is about to be there already: a migration has to wait until it is not.
        await using var busy = new NpgsqlConnection(_database.ConnectionString + ";Pooling=false");
        await busy.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await busy.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var make = new NpgsqlCommand("create table orgs (org_id uuid)", busy))
            await make.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var starting = StartAsync(("Storage:Database", _database.ConnectionString + ";Command Timeout=1"));
        await Calls.UntilAsync(() => _database.RowsAsync("""
            select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
              and query like '%create table orgs%' and clock_timestamp() - query_start > interval '1500 ms'
            """), waiting => waiting.Count > 0);
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);

        await using var server = await starting;
        (await server.Anonymous.FetchAsync("/health/ready")).Is(200);
    }

    [Fact]
    public async Task Changes_of_a_SIM_on_several_servers_in_one_millisecond_reach_an_ordered_endpoint_in_their_order()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        var start = await one.FreezeAsync();
        await Calls.UntilAsync(other.NowAsync, now => now == start);
        var letGo = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync((_, _) => letGo.Task);
        var sim = await one.SimAsync("test");
        await one.HookAsync(receiver.Url, ordered: true);

        for (var note = 1; note <= 4; note++)
            await one.NoteAsync(sim, $"{note}");
        for (var note = 5; note <= 8; note++)
            await (note % 2 == 0 ? one : other).NoteAsync(sim, $"{note}");
        await receiver.GotAsync(1);
        letGo.SetResult();

        var got = await receiver.GotAsync(8);
        Assert.Equal(Enumerable.Range(1, 8).Select(note => $"{note}"),
            got.Select(request => request.Event().Text("data", "metadata", "note")));
    }

    [Fact]
    public async Task Outside_a_sandbox_the_store_needs_a_key_for_its_secrets()
    {
        var refused = await Assert.ThrowsAsync<StartException>(() => StartAsync(("Sandbox:Enabled", "false")));

        Assert.Contains("Secrets:Key", refused.Message, StringComparison.Ordinal);
    }

    private Task<TestServer> StartAsync(params (string Name, string? Value)[] settings)
    {
        var all = settings.ToDictionary(setting => setting.Name, setting => setting.Value);
        all.TryAdd("Storage:Database", _database.ConnectionString);
        return TestServer.StartAsync(all);
    }
}
