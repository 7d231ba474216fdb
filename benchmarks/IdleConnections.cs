using System.Net;
using System.Net.Sockets;

namespace Simkeeper.Bench;

/// <summary>Somebody who opens connections for ever and sends nothing.</summary>
internal static class IdleConnections
{
    /// <summary>The argument that makes a process of this program that somebody; the URL of the server follows.</summary>
    public const string Argument = "--idle";

    /// <summary>The most connections held at once: fewer than the files that a process may open here.</summary>
    private const int Most = 12_000;

    /// <summary>Its own address, so that it shares no limit with those who are measured.</summary>
    private static readonly IPEndPoint From = new(IPAddress.Parse("127.0.0.2"), 0);

    /// <summary>Runs until the process is ended.</summary>
    public static async Task RunAsync(Uri server)
    {
        var open = new Queue<Socket>();
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            open.Enqueue(socket);
            socket.Bind(From);
            await socket.ConnectAsync(IPAddress.Parse(server.Host), server.Port);
            if (open.Count > Most)
                open.Dequeue().Dispose();
        }
    }
}
