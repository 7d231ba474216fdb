using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Deliveries;

/// <summary>A receiver that accepts connections and never answers.</summary>
public sealed class BlackHoleTests
{
    private const int Healthy = 49, Each = 4, Swallowed = 60;

    [Fact]
    public async Task It_holds_up_none_of_49_others_of_several_orgs()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Deliveries:Timeout"] = "2m" });
        await using var receivers = await Receiver.StartAsync((_, _) => Task.CompletedTask, "0.0.0.0");
        using var hole = new BlackHole();
        OwnAccount[] accounts = [await server.AccountAsync(), await server.AccountAsync(), await server.AccountAsync()];
        var sims = new List<(HttpClient Kore, string Sid)>();
        foreach (var account in accounts)
            sims.Add((account.Kore, await server.SimAsync(account: account.Sid)));
        for (var i = 0; i < Swallowed; i++)
            await CallBackAsync(sims[i % 2], hole.Url);
        await hole.GotAsync(1);

        // Each address of the loopback network is another receiver.
        for (var i = 0; i < Healthy * Each; i++)
            await CallBackAsync(sims[i % 3], $"http://127.0.0.{2 + (i % Healthy)}:{new Uri(receivers.Url).Port}/");

        var got = await receivers.GotAsync(Healthy * Each);
        Assert.Equal(Healthy, got.Select(request => new Uri(request.Url).Host).Distinct().Count());
        Assert.Empty(Store.Rows(server, "select 1 from attempts where error is not null"));
        Assert.InRange(hole.Count, 1, 2 * Receivers.AtOnceFirst);
    }

    [Fact]
    public async Task The_clock_moves_past_it_and_every_attempt_is_made()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Deliveries:Timeout"] = "500ms" });
        using var hole = new BlackHole();
        var sid = await server.SimAsync();
        await server.FreezeAsync();
        for (var i = 0; i < 3; i++)
            await CallBackAsync((server.Kore, sid), hole.Url);

        await server.AdvanceAsync("40h");

        await Calls.UntilAsync(() => Task.FromResult(Store.Rows(server, "select distinct state, attempts from deliveries")),
            rows => rows is ["dead|8"]);
        Assert.Equal(24, Store.Rows(server, "select 1 from attempts where error = 'The receiver did not answer in time.'").Count);
    }

    [Fact]
    public async Task A_receiver_that_stops_answering_gives_back_what_was_claimed_for_it_and_the_clock_moves_on()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Deliveries:Timeout"] = "1s" });
        var answered = 0;
        await using var receiver = await Receiver.StartAsync((_, context) =>
            Interlocked.Increment(ref answered) <= 60 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, context.RequestAborted));
        var sid = await server.SimAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var i = 0; i < 50; i++)
                await CallBackAsync((server.Kore, sid), receiver.Url);
        }));

        await Calls.UntilAsync(() => Task.FromResult(Store.Rows(server, "select count(*) from attempts where error is not null")),
            failed => int.Parse(failed[0]!) >= Receivers.BreakAfter);
        await Calls.UntilAsync(
            () => Task.FromResult(Store.Rows(server, "select 1 from jobs where lease_until is not null").Count), held => held <= 1);
        await server.AdvanceAsync("1ms");
    }

    private static async Task CallBackAsync((HttpClient Kore, string Sid) sim, string url) =>
        (await sim.Kore.FormAsync($"/v1/Sims/{sim.Sid}", ("Status", "new"), ("CallbackUrl", url))).Is(200);

    private sealed class BlackHole : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly ConcurrentBag<Socket> _sockets = [];

        public BlackHole()
        {
            _listener.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";
            _ = AcceptAsync();
        }

        public string Url { get; }

        public int Count => _sockets.Count;

        public Task<int> GotAsync(int count) => Calls.UntilAsync(() => Task.FromResult(Count), accepted => accepted >= count);

        public void Dispose()
        {
            _listener.Stop();
            foreach (var socket in _sockets)
                socket.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                    _sockets.Add(await _listener.AcceptSocketAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It was stopped.
            }
        }
    }
}
