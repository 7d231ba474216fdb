using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>The real program, killed without warning again and again while clients write: whatever it has acknowledged is there.</summary>
[SqliteOnly]
[StartsProgram]
public sealed class KillTests : IAsyncDisposable
{
    private const int Kills = 20;
    private const int ImportRows = 40;
    private const int Deliveries = 10_000;

    private readonly TestFolder _folder = new();
    private readonly ConcurrentDictionary<string, int> _counters = new();
    private readonly ConcurrentBag<string> _imported = [];
    private readonly ConcurrentDictionary<string, string> _awaited = new();
    private ServerProcess? _server;
    private HttpClient _gigs = null!, _kore = null!, _operator = null!;
    private int _next;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        _folder.Dispose();
    }

    [Fact(Timeout = 120_000)]
    public async Task Nothing_that_was_acknowledged_is_lost_by_twenty_kills()
    {
        await using var receiver = await Receiver.StartAsync();
        await StartAsync();
        var sids = (await _kore.FetchAsync("/v1/Sims")).Is(200).Json.GetProperty("sims").EnumerateArray().Select(sim =>
            sim.GetProperty("sid").GetString()!).ToList();
        var ids = (await _gigs.FetchAsync("/projects/sandbox/sims")).Is(200).Each("id");
        await KillUnderLoadAsync(Kills, 24, CheckCountersAsync,
            () => CountAsync(ids[0]), () => CountAsync(ids[1]), () => ChangeAsync(sids[2], new Uri(receiver.Url)),
            () => ChangeAsync(sids[3], new Uri(receiver.Url)), () => ChangeAsync(sids[4], new Uri(receiver.Url)), ImportAsync);
        Assert.True(_counters.Count == 2 && !_imported.IsEmpty && !_awaited.IsEmpty, "There was no load.");
        await CheckImportedAsync();
        await SettledAsync(receiver);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"counters {string.Join(", ", _counters.Values)}; {_imported.Count} SIMs imported; {_awaited.Count} callbacks, "
            + $"{_awaited.Keys.Sum(key => receiver.CountOf(key) - 1)} of them duplicates");
    }

    [Fact(Timeout = 120_000)]
    public async Task Of_ten_thousand_deliveries_none_is_lost_by_kills_and_a_restart_in_their_midst()
    {
        await using var receiver = await Receiver.StartAsync();
        await StartAsync();
        await _server!.EndAsync("TERM");
        await PutDeliveriesAsync(receiver.Url);
        foreach (var (signal, at) in new[] { ("KILL", 2000), ("TERM", 4000), ("KILL", 6000), ("KILL", 8000) })
        {
            await StartAsync();
            await receiver.GotAsync(at);
            await _server.EndAsync(signal);
        }
        var midway = receiver.All.Count;
        await StartAsync();

        var received = await Calls.UntilAsync(() => Task.FromResult(receiver.All),
            all => all.Count >= Deliveries && all.Select(request => request.Url).Distinct().Count() == Deliveries);
        Assert.True(midway < Deliveries, "All were delivered before the last end.");
        Assert.Equal(Deliveries, received.Select(request => request.Headers["kore-idempotency-token"]).Distinct().Count());
        TestContext.Current.TestOutputHelper?.WriteLine($"{Deliveries} deliveries, {received.Count - Deliveries} of them twice");
    }

    [Fact(Timeout = 120_000)]
    public async Task An_ordered_endpoint_gets_every_event_of_a_SIM_in_order_over_kills()
    {
        // Slower than the writers are, so that events wait for the one before at every kill.
        await using var receiver = await Receiver.StartAsync((_, _) => Task.Delay(20, Stop));
        await StartAsync();
        var ids = (await _gigs.FetchAsync("/projects/sandbox/sims")).Is(200).Each("id")[..2];
        (await _operator.JsonAsync("/operator/v1/webhook-endpoints", TestJson.Text(
            new { account = TestServer.MasterSid, url = receiver.Url, events = new[] { "*" }, ordered = true }))).Is(201);
        await KillUnderLoadAsync(4, 40, CheckCountersAsync, () => CountAsync(ids[0]), () => CountAsync(ids[1]));

        foreach (var id in ids)
        {
            var arrived = await Calls.UntilAsync(() => Task.FromResult(CountsOf(receiver, id)), counts => counts.Contains(_counters[id]));
            Assert.Equal(Enumerable.Range(1, _counters[id]), arrived.Distinct());
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{_counters.Values.Sum()} events, {receiver.All.Count - _counters.Values.Sum()} of them twice");
    }

    [Fact(Timeout = 120_000)]
    public async Task Every_acknowledged_Command_is_delivered_and_called_back_with_its_one_end_over_kills()
    {
        await using var receiver = await Receiver.StartAsync();
        await StartAsync();
        var sim = (await _kore.FetchAsync("/v1/Sims")).Is(200).Json.GetProperty("sims")[2].GetProperty("sid").GetString()!;
        await ChangeAsync(sim, new Uri(receiver.Url));
        await Calls.UntilAsync(() => _kore.FetchAsync($"/v1/Sims/{sim}"), shown => shown.Is(200)["status"] == "active");
        var commands = new ConcurrentDictionary<string, string>();
        Task<bool> SendAsync() => CommandAsync(sim, receiver, commands);
        await KillUnderLoadAsync(4, 40, () => Task.CompletedTask, SendAsync, SendAsync, SendAsync);

        foreach (var (command, key) in commands)
        {
            await Calls.UntilAsync(() => _kore.FetchAsync($"/v1/Commands/{command}"), sent => sent.Is(200)["status"] == "delivered");
            await Calls.UntilAsync(() => Task.FromResult(receiver.CountOf(key)), count => count > 0);
        }
        var ends = receiver.All.Where(got => got.Body.Contains("CommandSid=", StringComparison.Ordinal)).ToList();
        var tokens = ends.GroupBy(got => Messaging.Form(got.Body)["CommandSid"], got => got.Headers["kore-idempotency-token"]);
        Assert.All(tokens, ofOne => Assert.Single(ofOne.Distinct()));
        Assert.All(ends, got => Assert.Equal("delivered", Messaging.Form(got.Body)["CommandStatus"]));
        TestContext.Current.TestOutputHelper?.WriteLine($"{commands.Count} Commands, {ends.Count - tokens.Count()} callbacks twice");
    }

    /// <summary>The values of a SIM's counter as they arrived.</summary>
    private static List<int> CountsOf(Receiver receiver, string id) =>
    [
        .. receiver.All.Select(got => JsonDocument.Parse(got.Body).RootElement.GetProperty("data"))
            .Where(sim => sim.GetProperty("id").GetString() == id && sim.GetProperty("metadata").TryGetProperty("count", out _))
            .Select(sim => int.Parse(sim.GetProperty("metadata").GetProperty("count").GetString()!)),
    ];

    private async Task<bool> CommandAsync(string sim, Receiver receiver, ConcurrentDictionary<string, string> commands)
    {
        var key = $"{Interlocked.Increment(ref _next)}";
        var answer = await _kore.FormAsync(
            "/v1/Commands", ("Sim", sim), ("Command", "on"), ("CallbackUrl", $"{receiver.Url}/?c={key}"));
        commands[answer.Is(201)["sid"]!] = key;
        return true;
    }

    /// <summary>
    /// The load runs until the connection breaks under it; the kill comes once enough was acknowledged, at a moment nobody chose. Then the
    /// program starts again.
    /// </summary>
    private async Task KillUnderLoadAsync(int kills, int atLeast, Func<Task> check, params Func<Task<bool>>[] writes)
    {
        for (var kill = 0; kill < kills; kill++)
        {
            var acknowledged = Channel.CreateUnbounded<bool>();
            var load = Task.WhenAll(writes.Select(write => UntilBrokenAsync(acknowledged, write)));
            for (var i = 0; i < atLeast + kill; i++)
                await acknowledged.Reader.ReadAsync(Stop);
            await _server!.KillAsync();
            await load;
            await StartAsync();
            await check();
        }
    }

    /// <summary>Writes deliveries that are due, while no server runs.</summary>
    private async Task PutDeliveriesAsync(string url)
    {
        await using var database = SqliteDatabase.Open(_folder.Path, TimeProvider.System, NullLogger.Instance);
        var account = Guid.ParseExact(TestServer.MasterSid[2..], "N");
        await database.WriteAsync(async session =>
        {
            for (var number = 0; number < Deliveries; number++)
            {
                await Outbox.PutAsync(session, new Delivery(account, Guid.CreateVersion7(), account, account, "kore", Delivery.Callback,
                    $"{url}/?c={number}", "POST", Encoding.UTF8.GetBytes($"Number={number}")), DateTimeOffset.UtcNow);
            }
            return true;
        });
    }

    /// <summary>Every open operation ends, no SIM stays behind, and everybody who was promised a callback is called.</summary>
    private Task<string?> SettledAsync(Receiver receiver) => Calls.UntilAsync(() => OpenAsync(receiver), open => open is null);

    private async Task<string?> OpenAsync(Receiver receiver)
    {
        var operations = (await _operator.FetchAsync("/operator/v1/operations?state=open&limit=500")).Is(200).Items;
        if (operations.Length > 0)
            return $"open: {string.Join(", ", operations)}";
        var sims = (await _kore.FetchAsync("/v1/Sims?Status=updating")).Is(200).Json.GetProperty("sims");
        if (sims.GetArrayLength() > 0)
            return $"updating without an open operation: {sims}";
        var missing = _awaited.Keys.Where(key => receiver.CountOf(key) == 0).ToList();
        return missing.Count > 0 ? $"never called back: {string.Join(", ", missing.Select(key => $"{key} ({_awaited[key]})"))}" : null;
    }

    private static async Task UntilBrokenAsync(Channel<bool> acknowledged, Func<Task<bool>> write)
    {
        try
        {
            while (true)
            {
                if (await write())
                    acknowledged.Writer.TryWrite(true);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Killed; what was under way may be there or not.
        }
    }

    private async Task<bool> CountAsync(string id)
    {
        var count = _counters.GetValueOrDefault(id) + 1;
        (await _gigs.CallAsync("PATCH", $"/projects/sandbox/sims/{id}", $$$"""{"metadata":{"count":"{{{count}}}"}}""")).Is(200);
        _counters[id] = count;
        return true;
    }

    private async Task<bool> ChangeAsync(string sid, Uri receiver)
    {
        var wanted = (await _kore.FetchAsync($"/v1/Sims/{sid}")).Is(200)["status"] switch
        {
            "new" or "suspended" => "active",
            "active" => "suspended",
            _ => null,
        };
        if (wanted is null)
        {
            await Task.Delay(5, Stop);
            return false;
        }
        var key = $"{Interlocked.Increment(ref _next)}";
        (await _kore.FormAsync($"/v1/Sims/{sid}",
            ("Status", wanted), ("RatePlan", "sandbox-plan"), ("CallbackUrl", $"{receiver}?c={key}"))).Is(202);
        _awaited[key] = $"{sid} {wanted}";
        return true;
    }

    private async Task<bool> ImportAsync()
    {
        foreach (var iccid in await _operator.ImportSimsAsync(ImportRows, TestServer.SubaccountSid))
            _imported.Add(iccid);
        return true;
    }

    private async Task CheckCountersAsync()
    {
        foreach (var (id, acknowledged) in _counters)
        {
            var sim = (await _gigs.FetchAsync($"/projects/sandbox/sims/{id}")).Is(200).Json;
            var stored = int.Parse(sim.GetProperty("metadata").GetProperty("count").GetString()!);
            // One more may have been committed without its answer having got out.
            Assert.InRange(stored, acknowledged, acknowledged + 1);
            _counters[id] = stored;
        }
    }

    private async Task CheckImportedAsync()
    {
        var stored = await _operator.AllAsync($"/operator/v1/sims?account={TestServer.SubaccountSid}&limit=500");
        Assert.Empty(_imported.Except(stored.Select(sim => sim.GetProperty("iccid").GetString()!)));
    }

    private async Task StartAsync()
    {
        await DisconnectAsync();
        _server = await ServerProcess.StartAsync([], "--data", _folder.Path);
        _gigs = Calls.Client(_server.Url, Calls.Bearer("gpk_sandbox"));
        _operator = Calls.Client(_server.Url, Calls.Bearer("skop_sandbox"));
        _kore = Calls.Client(_server.Url, Calls.Basic(TestServer.MasterSid, "sandbox-token"));
    }

    private async Task DisconnectAsync()
    {
        if (_server is null)
            return;
        await _server.DisposeAsync();
        _server = null;
        foreach (var client in new[] { _gigs, _kore, _operator })
            client.Dispose();
    }
}
