using System.Net;
using System.Net.Sockets;
using System.Text;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Receivers that keep what a server has too little of: connections, and time for names that nobody knows.</summary>
[Attack]
public sealed class OutgoingTests
{
    [Fact]
    public async Task Receivers_that_keep_their_connections_open_get_no_more_of_them_than_are_allowed()
    {
        var hosts = AttackAttribute.Size(60, 5_000);
        var max = AttackAttribute.Size(8, 512);
        using var receiver = new KeepingReceiver();
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Deliveries:ConnectionsMax"] = $"{max}" },
            seams: Seams.None with { Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]) });
        var sim = await server.SimAsync();

        for (var host = 0; host < hosts; host++)
            await CallBackAsync(server.Kore, sim, $"http://h{host}.test:{receiver.Port}/");

        await Calls.UntilAsync(() => Task.FromResult(Store.Rows(server, "select count(*) from deliveries where state = 'delivered'")[0]),
            delivered => delivered == $"{hosts}");
        Assert.Equal(hosts, receiver.Requests);
        // It hears of the end of one connection a little later than of the beginning of the next.
        Assert.InRange(receiver.MostOpen, 1, 2 * max);
        Assert.Empty(Store.Rows(server, "select error from attempts where error is not null"));
    }

    [Fact]
    public async Task Names_that_no_server_answers_for_hold_up_no_other_account()
    {
        var dead = AttackAttribute.Size(300, 3_000);
        var (underWay, most) = (0, 0);
        var never = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync();
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Deliveries:ConnectTimeout"] = "1m", ["Deliveries:Timeout"] = "5m" },
            seams: Seams.None with { Resolve = ResolveAsync });
        var (master, sub) = (await server.SimAsync(), await server.SimAsync(account: TestServer.SubaccountSid));
        for (var i = 0; i < dead; i++)
            await CallBackAsync(server.Kore, master, $"http://dead{i}.test/");
        await Calls.UntilAsync(() => Task.FromResult(Volatile.Read(ref underWay)), now => now >= NameLookups.AccountAtOnceMax);

        await CallBackAsync(server.KoreSub, sub, $"http://alive.test:{new Uri(receiver.Url).Port}/");

        await receiver.GotAsync(1);
        Assert.InRange(most, 1, NameLookups.AtOnceMax);
        never.SetResult();

        async Task<IPAddress[]> ResolveAsync(string name, CancellationToken stop)
        {
            if (name == "alive.test")
                return [IPAddress.Loopback];
            var now = Interlocked.Increment(ref underWay);
            for (var seen = most; now > seen; seen = most)
                Interlocked.CompareExchange(ref most, now, seen);
            // As the system's resolver, which hears of no cancellation.
            await never.Task;
            Interlocked.Decrement(ref underWay);
            throw new SocketException((int)SocketError.HostNotFound);
        }
    }

    [Fact]
    public async Task A_name_is_looked_up_once_for_many_messages_and_a_failure_too()
    {
        var lookups = 0;
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Deliveries:Policy"] = "faithful" },
            seams: Seams.None with
            {
                Resolve = (_, _) =>
                {
                    Interlocked.Increment(ref lookups);
                    throw new SocketException((int)SocketError.HostNotFound);
                },
            });
        var sim = await server.SimAsync();

        for (var i = 0; i < 20; i++)
            await CallBackAsync(server.Kore, sim, "http://nobody.test/");

        await Calls.UntilAsync(() => Task.FromResult(Store.Rows(server, "select count(*) from deliveries where state = 'dead'")[0]),
            ended => ended == "20");
        Assert.Equal(["The receiver could not be reached (NameResolutionError)."],
            Store.Rows(server, "select distinct error from attempts"));
        Assert.InRange(lookups, 1, 3);
    }

    [Fact]
    public async Task A_name_whose_look_up_takes_too_long_is_a_failed_attempt_with_that_reason()
    {
        var never = new TaskCompletionSource<IPAddress[]>();
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Deliveries:Policy"] = "faithful",
            ["Deliveries:ConnectTimeout"] = "500ms",
        }, seams: Seams.None with { Resolve = (_, _) => never.Task });
        var sim = await server.SimAsync();

        await CallBackAsync(server.Kore, sim, "http://slow.test/");

        var attempts = await server.AttemptsAsync(sim, 2);
        Assert.All(attempts, attempt => Assert.EndsWith("|The name of the receiver could not be looked up in time.", attempt));
        never.SetException(new SocketException((int)SocketError.HostNotFound));
    }

    private static async Task CallBackAsync(HttpClient kore, string sim, string url) =>
        (await kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "x"), ("CallbackUrl", url))).Is(200);

    /// <summary>Answers every request, and closes no connection by itself.</summary>
    private sealed class KeepingReceiver : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Lock _lock = new();
        private int _open;

        public KeepingReceiver()
        {
            _listener.Start(4096);
            _ = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Requests { get; private set; }

        public int MostOpen { get; private set; }

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                    _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task ServeAsync(Socket socket)
        {
            lock (_lock)
                MostOpen = Math.Max(MostOpen, ++_open);
            using (socket)
            {
                var buffer = new byte[8192];
                try
                {
                    while (await socket.ReceiveAsync(buffer) is > 0 and var length)
                    {
                        if (Encoding.ASCII.GetString(buffer, 0, length).StartsWith("POST", StringComparison.Ordinal))
                        {
                            lock (_lock)
                                Requests++;
                            await socket.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"u8.ToArray());
                        }
                    }
                }
                catch (SocketException)
                {
                    // It was reset.
                }
            }
            lock (_lock)
                _open--;
        }
    }
}
