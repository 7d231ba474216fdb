using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Postgres;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>
/// PostgreSQL goes away under load, and comes back or is replaced: its servers lose nothing, keep nobody waiting, and go on.
/// </summary>
[SqliteOnly]
public sealed class PostgresOutageTests : IAsyncLifetime
{
    private const int Cards = 6_000;

    /// <summary>Nobody waits longer than for a statement; the rest is for a busy machine.</summary>
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(2 + 1.5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private PostgresServer _postgres = null!;
    private Receiver _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartAsync();
        _receiver = await Receiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    [Fact(Timeout = 120_000)]
    public async Task A_restart_and_a_crash_of_PostgreSQL_under_load_lose_nothing_and_let_no_request_hang()
    {
        await using var one = await StartAsync(_postgres.ConnectionString);
        await using var other = await StartAsync(_postgres.ConnectionString);
        await using var load = await AcknowledgedLoad.StartAsync([one.Url, other.Url], _receiver, Cards, Patience);

        foreach (var mode in new[] { "fast", "immediate" })
        {
            await load.MoreAsync(40);
            var refused = load.Refused;
            await _postgres.StopAsync(mode);
            await Calls.UntilAsync(() => Task.FromResult(load.Refused), now => now >= refused + 4);
            Assert.Equal(503, (await one.Anonymous.FetchAsync("/health/ready")).Status);
            await _postgres.StartAgainAsync();
        }
        await load.MoreAsync(40);
        await load.StopAsync();

        await load.CheckAsync(one.Url);
        Assert.InRange(load.Longest, TimeSpan.Zero, AnswersWithin);
        await Calls.UntilAsync(() => other.Anonymous.FetchAsync("/health/ready"), ready => ready.Status == 200);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_standby_that_is_promoted_under_load_when_the_primary_is_killed_has_every_write_that_was_acknowledged()
    {
        await using var standby = await _postgres.FollowAsync();
        var both = $"Host={_postgres.Host},{standby.Host};Username=simkeeper;Database=postgres";
        await using var one = await StartAsync(both);
        await using var other = await StartAsync(both);
        await using var load = await AcknowledgedLoad.StartAsync([one.Url, other.Url], _receiver, Cards, Patience);
        await load.MoreAsync(60);

        await _postgres.StopAsync("immediate");
        await standby.PromoteAsync();
        await load.MoreAsync(60);
        await load.StopAsync();

        await load.CheckAsync(one.Url);
        await load.CheckAsync(other.Url);
        Assert.InRange(load.Longest, TimeSpan.Zero, AnswersWithin);
    }

    [Fact(Timeout = 120_000)]
    public async Task What_the_standby_does_not_have_is_not_acknowledged()
    {
        await using var standby = await _postgres.FollowAsync();
        await using var server = await StartAsync(_postgres.ConnectionString);
        var sim = await server.SimAsync("test");
        await standby.StopAsync();

        var unknown = await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "not there"));

        Assert.Equal("20503", unknown.Is(503)["code"]);
        await standby.StartAgainAsync();
        await _postgres.UntilFollowedAsync();
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "there"))).Is(200);
    }

    [Fact]
    public async Task No_statement_is_compiled_for_longer_than_it_runs()
    {
        await using var store = await PostgresDatabase.OpenAsync(_postgres.ConnectionString, TimeProvider.System);

        var setting = new Sql("select current_setting('jit')");
        Assert.Equal("off", await store.ReadAsync(session => session.OneAsync(setting, row => row.Text(0))));
    }

    private static Task<TestServer> StartAsync(string connectionString) =>
        TestServer.StartAsync(new Dictionary<string, string?> { ["Storage:Database"] = connectionString, ["Jobs:Lease"] = "2s" });
}
