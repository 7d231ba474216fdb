using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Simkeeper.Server.Tests.Support;

/// <summary>
/// Clients that write to several servers at once, turn by turn, and note what was acknowledged: activations with a callback through KORE,
/// counting metadata through Gigs. Nothing is sent twice, so whatever happened twice was done twice by a server.
/// </summary>
internal sealed class AcknowledgedLoad : IAsyncDisposable
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    private readonly (HttpClient Gigs, HttpClient Kore)[] _servers;
    private readonly Receiver _receiver;
    private readonly ConcurrentQueue<string> _cards;
    private readonly ConcurrentBag<string> _activated = [];
    private readonly ConcurrentDictionary<string, ConcurrentBag<int>> _counted = new();
    private readonly ConcurrentBag<string> _wrong = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _clients = [];
    private int _turn, _unanswered, _refused;
    private long _longest;

    private AcknowledgedLoad(IEnumerable<Uri> servers, Receiver receiver, IEnumerable<string> cards, TimeSpan patience)
    {
        _servers = [.. servers.Select(url => (Client(url, patience, Calls.Bearer("gpk_sandbox")),
            Client(url, patience, Calls.Basic(TestServer.MasterSid, "sandbox-token"))))];
        _receiver = receiver;
        _cards = new ConcurrentQueue<string>(cards);
    }

    /// <summary>The number of writes that were acknowledged.</summary>
    public int Acknowledged => _activated.Count + _counted.Values.Sum(counts => counts.Count);

    /// <summary>The SIMs whose activation was acknowledged.</summary>
    public IReadOnlyCollection<string> Activated => _activated;

    /// <summary>The number of requests that were answered 503, in the shape of their API.</summary>
    public int Refused => _refused;

    /// <summary>The longest time that an answer took.</summary>
    public TimeSpan Longest => TimeSpan.FromMilliseconds(Interlocked.Read(ref _longest));

    /// <summary>Answers that may never come: another status, another shape, or none where there has to be one.</summary>
    public IReadOnlyCollection<string> Wrong => _wrong;

    /// <summary>Imports SIMs and begins.</summary>
    /// <param name="patience">How long a client waits for an answer; then it asks the next server.</param>
    /// <param name="counters">Clients that count; as many activate.</param>
    public static async Task<AcknowledgedLoad> StartAsync(
        IReadOnlyList<Uri> servers, Receiver receiver, int cards, TimeSpan patience, int counters = 2)
    {
        var sids = await ImportAsync(servers[0], cards + counters);
        var load = new AcknowledgedLoad(servers, receiver, sids.Skip(counters), patience);
        foreach (var counting in sids.Take(counters))
        {
            load._clients.Add(load.RunAsync(load.CountAsync(counting)));
            load._clients.Add(load.RunAsync(load.ActivateAsync));
        }
        return load;
    }

    /// <summary>Waits until so many more writes are acknowledged.</summary>
    public async Task MoreAsync(int writes)
    {
        var from = Acknowledged;
        await Calls.UntilAsync(() => Task.FromResult(Acknowledged), now => now >= from + writes || _cards.IsEmpty);
        Assert.False(_cards.IsEmpty, "There were too few SIMs.");
    }

    /// <summary>Ends the clients.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
        Assert.Empty(_wrong);
    }

    /// <summary>
    /// Whatever was acknowledged is there once, what was not is there once or not at all; every SIM is settled, everybody who was promised
    /// a callback was called. Asks a server that lives.
    /// </summary>
    public async Task CheckAsync(Uri server)
    {
        using var operators = Client(server, TimeSpan.FromSeconds(10), Calls.Bearer("skop_sandbox"));
        await Calls.UntilAsync(() => operators.FetchAsync("/operator/v1/operations?state=open&limit=1"),
            answer => answer.Status == 200 && answer.Items.Length == 0);
        var events = await EventsAsync(operators);
        var activations = events.Where(happened => Updated(happened, "status") == "active").GroupBy(Sim).ToDictionary(
            sim => sim.Key, sim => sim.Count());
        Assert.All(_activated, sid => Assert.Equal(1, activations.GetValueOrDefault(sid)));
        Assert.All(activations, sim => Assert.Equal(1, sim.Value));
        foreach (var (sid, acknowledged) in _counted)
        {
            var counts = events.Where(happened => Sim(happened) == sid).Select(happened => Updated(happened, "metadata"))
                .Where(text => text is not null).ToList();
            Assert.Equal(counts.Count, counts.Distinct().Count());
            Assert.All(acknowledged, count => Assert.Contains($$"""{"count":"{{count}}"}""", counts));
        }
        using var kore = Client(server, TimeSpan.FromSeconds(10), _servers[0].Kore.DefaultRequestHeaders.Authorization!);
        Assert.Equal(0, (await kore.FetchAsync("/v1/Sims?Status=updating")).Is(200).Json.GetProperty("sims").GetArrayLength());
        await Calls.UntilAsync(() => Task.FromResult(string.Join(", ", _activated.Where(sid => _receiver.CountOf(sid) == 0))),
            missing => missing == "");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{_activated.Count} activations and {_counted.Values.Sum(counts => counts.Count)} changes "
            + $"acknowledged, {_refused} answered 503, {_unanswered} not answered; "
            + $"{_activated.Sum(sid => _receiver.CountOf(sid) - 1)} callbacks "
            + $"came twice; the longest answer took {Longest.TotalMilliseconds} ms");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
        foreach (var (gigs, kore) in _servers)
        {
            gigs.Dispose();
            kore.Dispose();
        }
        _stop.Dispose();
    }

    private async Task RunAsync(Func<Task<bool>> write)
    {
        while (!_stop.IsCancellationRequested)
        {
            var since = Stopwatch.GetTimestamp();
            try
            {
                if (!await write())
                    await Task.Delay(BetweenTries, TimeProvider.System, CancellationToken.None);
                var took = (long)Stopwatch.GetElapsedTime(since).TotalMilliseconds;
                for (var longest = _longest; took > longest; longest = _longest)
                    Interlocked.CompareExchange(ref _longest, took, longest);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                // The server is gone or stands still: whether the write took effect is unknown.
                Interlocked.Increment(ref _unanswered);
            }
        }
    }

    private Func<Task<bool>> CountAsync(string sid)
    {
        var path = $"/projects/sandbox/sims/{Fleet.GigsId(sid)}";
        var acknowledged = _counted[sid] = [];
        var next = 0;
        return async () =>
        {
            var count = ++next;
            var answer = await Next().Gigs.CallAsync("PATCH", path, $$$"""{"metadata":{"count":"{{{count}}}"}}""");
            if (!IsDone(answer, "\"type\":\"serviceUnavailable\""))
                return false;
            acknowledged.Add(count);
            return true;
        };
    }

    private async Task<bool> ActivateAsync()
    {
        if (!_cards.TryDequeue(out var sid))
            return false;
        var answer = await Next().Kore.FormAsync($"/v1/Sims/{sid}",
            ("Status", "active"), ("RatePlan", "sandbox-plan"), ("CallbackUrl", $"{_receiver.Url}/?c={sid}"));
        if (!IsDone(answer, "\"code\":20503"))
            return false;
        _activated.Add(sid);
        return true;
    }

    private (HttpClient Gigs, HttpClient Kore) Next() => _servers[(uint)Interlocked.Increment(ref _turn) % _servers.Length];

    private bool IsDone(Answer answer, string away)
    {
        if (answer.Status is 200 or 202)
            return true;
        if (answer.Status == 503 && answer.Text.Contains(away, StringComparison.Ordinal))
            Interlocked.Increment(ref _refused);
        else
            _wrong.Add($"{answer}");
        return false;
    }

    private static async Task<List<string>> ImportAsync(Uri server, int count)
    {
        using var operators = Client(server, TimeSpan.FromSeconds(30), Calls.Bearer("skop_sandbox"));
        var known = await SidsAsync(operators);
        await operators.ImportSimsAsync(count);
        return [.. (await SidsAsync(operators)).Except(known)];
    }

    private static async Task<List<string>> SidsAsync(HttpClient operators) =>
        [.. (await operators.AllAsync($"/operator/v1/sims?account={TestServer.MasterSid}&limit=500"))
            .Select(sim => sim.GetProperty("sid").GetString()!)];

    private static Task<List<JsonElement>> EventsAsync(HttpClient operators) => operators.AllAsync("/operator/v1/events?limit=500");

    private static string Sim(JsonElement happened) => happened.GetProperty("sim").GetString()!;

    private static string? Updated(JsonElement happened, string name) =>
        happened.GetProperty("data").GetProperty("updated").TryGetProperty(name, out var value)
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
            : null;

    private static HttpClient Client(Uri url, TimeSpan patience, AuthenticationHeaderValue authorization)
    {
        var client = Calls.Client(url, authorization);
        client.Timeout = patience;
        return client;
    }
}
