using System.Net;
using System.Net.Sockets;

namespace Simkeeper.Bench;

/// <summary>A client with an address of its own.</summary>
internal sealed class SoakCaller(string url, string address)
{
    /// <summary>A request that takes longer is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private int _outstanding;

    public HttpClient Client { get; } = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        ConnectCallback = async (context, stop) =>
            new NetworkStream(await ConnectAsync(address, context.DnsEndPoint.Port, stop), ownsSocket: true),
    })
    {
        BaseAddress = new Uri(url),
        Timeout = Patience,
    };

    /// <summary>Connects to a port of this machine.</summary>
    /// <param name="address">The loopback address that calls.</param>
    public static async Task<Socket> ConnectAsync(string address, int port, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            await socket.ConnectAsync(IPAddress.Loopback, port, stop);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>False: there are as many requests under way as may be.</summary>
    public bool Begin(int most)
    {
        if (Interlocked.Increment(ref _outstanding) <= most)
            return true;
        End();
        return false;
    }

    public void End() => Interlocked.Decrement(ref _outstanding);
}
