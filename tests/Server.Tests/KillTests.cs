using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
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
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(15);

    private readonly TestFolder _folder = new();
    private readonly ConcurrentDictionary<string, int> _counters = new();
    private readonly ConcurrentBag<string> _imported = [];
    private readonly ConcurrentDictionary<string, string> _awaited = new();
    private Process? _process;
    private HttpClient? _gigs, _kore, _operator;
    private int _next;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Disconnect();
        _folder.Dispose();
    }

    [Fact(Timeout = 120_000)]
    public async Task Nothing_that_was_acknowledged_is_lost_by_twenty_kills()
    {
        await using var receiver = await Receiver.StartAsync();
        await StartAsync();
        var sids = (await GetAsync(_kore!, "/v1/Sims")).GetProperty("sims").EnumerateArray().Select(sim =>
            sim.GetProperty("sid").GetString()!).ToList();
        var ids = (await GetAsync(_gigs!, "/projects/sandbox/sims")).GetProperty("items").EnumerateArray().Select(sim =>
            sim.GetProperty("id").GetString()!).ToList();
        await KillUnderLoadAsync(Kills, 8, CheckCountersAsync,
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
        await EndAsync("TERM");
        await PutDeliveriesAsync(receiver.Url);
        foreach (var (signal, at) in new[] { ("KILL", 2000), ("TERM", 4000), ("KILL", 6000), ("KILL", 8000) })
        {
            Disconnect();
            await StartAsync();
            await receiver.GotAsync(at);
            await EndAsync(signal);
        }
        var midway = receiver.All.Count;
        Disconnect();
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
        var ids = (await GetAsync(_gigs!, "/projects/sandbox/sims")).GetProperty("items").EnumerateArray().Take(2).Select(sim =>
            sim.GetProperty("id").GetString()!).ToList();
        using (var hook = TestJson.Content(
            new { account = TestServer.MasterSid, url = receiver.Url, events = new[] { "*" }, ordered = true }))
        using (var made = await _operator!.PostAsync("/operator/v1/webhook-endpoints", hook, Stop))
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
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
        var sim = (await GetAsync(_kore!, "/v1/Sims")).GetProperty("sims")[2].GetProperty("sid").GetString()!;
        await ChangeAsync(sim, new Uri(receiver.Url));
        await Calls.UntilAsync(() => GetAsync(_kore!, $"/v1/Sims/{sim}"), shown => shown.GetProperty("status").GetString() == "active");
        var commands = new ConcurrentDictionary<string, string>();
        Task<bool> SendAsync() => CommandAsync(sim, receiver, commands);
        await KillUnderLoadAsync(4, 40, () => Task.CompletedTask, SendAsync, SendAsync, SendAsync);

        foreach (var (command, key) in commands)
        {
            await Calls.UntilAsync(() => GetAsync(_kore!, $"/v1/Commands/{command}"),
                sent => sent.GetProperty("status").GetString() == "delivered");
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
        using var answer = await _kore!.PostAsync("/v1/Commands", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["Sim"] = sim,
            ["Command"] = "on",
            ["CallbackUrl"] = $"{receiver.Url}/?c={key}",
        }), Stop);
        var body = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, body);
        commands[JsonDocument.Parse(body).RootElement.GetProperty("sid").GetString()!] = key;
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
            await KillAsync();
            await load;
            Disconnect();
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

    /// <summary>Ends the program by a signal: TERM asks, KILL does not.</summary>
    private async Task EndAsync(string signal)
    {
        using (var kill = Process.Start("kill", [$"-{signal}", $"{_process!.Id}"]))
            await kill.WaitForExitAsync(Stop);
        await _process.WaitForExitAsync(Stop);
        _process.Dispose();
        _process = null;
    }

    /// <summary>Every open operation ends, no SIM stays behind, and everybody who was promised a callback is called.</summary>
    private async Task SettledAsync(Receiver receiver)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(Settles.TotalSeconds * Stopwatch.Frequency);
        string? open;
        while ((open = await OpenAsync(receiver)) is not null && Stopwatch.GetTimestamp() < deadline)
            await Task.Delay(100, Stop);
        Assert.Null(open);
    }

    private async Task<string?> OpenAsync(Receiver receiver)
    {
        var operations = (await GetAsync(_operator!, "/operator/v1/operations?state=open&limit=500")).GetProperty("items");
        if (operations.GetArrayLength() > 0)
            return $"open: {operations}";
        var sims = (await GetAsync(_kore!, "/v1/Sims?Status=updating")).GetProperty("sims");
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
        using var content = TestJson.Content(new { metadata = new { count = $"{count}" } });
        using var answer = await _gigs!.PatchAsync($"/projects/sandbox/sims/{id}", content, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        _counters[id] = count;
        return true;
    }

    private async Task<bool> ChangeAsync(string sid, Uri receiver)
    {
        var sim = await GetAsync(_kore!, $"/v1/Sims/{sid}");
        var wanted = sim.GetProperty("status").GetString() switch
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
        using var answer = await _kore!.PostAsync($"/v1/Sims/{sid}", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["Status"] = wanted,
            ["RatePlan"] = "sandbox-plan",
            ["CallbackUrl"] = $"{receiver}?c={key}",
        }), Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync(Stop));
        _awaited[key] = $"{sid} {wanted}";
        return true;
    }

    private async Task<bool> ImportAsync()
    {
        var first = Interlocked.Add(ref _next, ImportRows);
        var iccids = Enumerable.Range(first, ImportRows).Select(number => $"8942429{number:D12}").ToList();
        using var body = new StringContent("iccid,provider\n" + string.Concat(iccids.Select(iccid => $"{iccid},test\n")), Encoding.UTF8,
            "text/csv");
        using var answer = await _operator!.PostAsync($"/operator/v1/accounts/{TestServer.SubaccountSid}/sims/import", body, Stop);
        var summary = JsonDocument.Parse((await answer.Content.ReadAsStringAsync(Stop)).TrimEnd().Split('\n')[^1]).RootElement;
        Assert.Equal(ImportRows, summary.GetProperty("imported").GetInt32());
        iccids.ForEach(_imported.Add);
        return true;
    }

    private async Task CheckCountersAsync()
    {
        foreach (var (id, acknowledged) in _counters)
        {
            var sim = await GetAsync(_gigs!, $"/projects/sandbox/sims/{id}");
            var stored = int.Parse(sim.GetProperty("metadata").GetProperty("count").GetString()!);
            // One more may have been committed without its answer having got out.
            Assert.InRange(stored, acknowledged, acknowledged + 1);
            _counters[id] = stored;
        }
    }

    private async Task CheckImportedAsync()
    {
        var stored = new HashSet<string>();
        string? next = "";
        while (next is not null)
        {
            var page = await GetAsync(_operator!, $"/operator/v1/sims?account={TestServer.SubaccountSid}&limit=500{next}");
            stored.UnionWith(page.GetProperty("items").EnumerateArray().Select(sim => sim.GetProperty("iccid").GetString()!));
            next = page.GetProperty("next").GetString() is { } after ? $"&after={after}" : null;
        }
        Assert.Empty(_imported.Except(stored));
    }

    private async Task StartAsync()
    {
        _process = Cli.Start([], "serve", "--sandbox", "--urls", "http://127.0.0.1:0", "--data", _folder.Path);
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        const string listens = "Simkeeper listens on ";
        var said = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(Stop) is { } line)
        {
            said.Add(line);
            if (line.IndexOf(listens, StringComparison.Ordinal) is >= 0 and var at)
            {
                Connect(new Uri(line[(at + listens.Length)..].TrimEnd('.')));
                _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return;
            }
        }
        Assert.Fail($"It did not start: {string.Join('\n', said)}");
    }

    private async Task KillAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _process = null;
    }

    private void Disconnect()
    {
        foreach (var client in new[] { _gigs, _kore, _operator })
            client?.Dispose();
    }

    private void Connect(Uri url)
    {
        HttpClient Client(string scheme, string parameter) =>
            new() { BaseAddress = url, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue(scheme, parameter) } };
        _gigs = Client("Bearer", "gpk_sandbox");
        _operator = Client("Bearer", "skop_sandbox");
        _kore = Client("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{TestServer.MasterSid}:sandbox-token")));
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, string path) =>
        JsonDocument.Parse(await client.GetStringAsync(path, Stop)).RootElement;
}
