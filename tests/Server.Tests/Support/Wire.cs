using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Simkeeper.Server.Tests.Support;

/// <summary>The wire between a server and its PostgreSQL, which a test can cut, or leave silent.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly EndPoint _to;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly ManualResetEventSlim _open = new(true);
    private readonly Task _accepting;
    private volatile bool _cut;

    /// <param name="folder">Of the server's socket.</param>
    public Wire(string folder)
    {
        _to = new UnixDomainSocketEndPoint(Path.Combine(folder, ".s.PGSQL.5432"));
        _listener.Start();
        _accepting = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Every connection is gone, and none comes about.</summary>
    public void Cut()
    {
        _cut = true;
        foreach (var socket in _sockets.Keys)
            socket.Dispose();
        _sockets.Clear();
    }

    /// <summary>Nothing comes through, and nobody is told.</summary>
    public void Silence() => _open.Reset();

    public void Mend()
    {
        _cut = false;
        _open.Set();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Cut();
        _open.Set();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var from = await _listener.AcceptSocketAsync();
                if (_cut)
                {
                    from.Dispose();
                    continue;
                }
                var to = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await to.ConnectAsync(_to);
                _sockets[from] = _sockets[to] = true;
                _ = PumpAsync(from, to);
                _ = PumpAsync(to, from);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var read)
            {
                if (!_open.IsSet)
                    await Task.Run(_open.Wait);
                await to.SendAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side is gone, and so is the other.
        }
        from.Dispose();
        to.Dispose();
    }
}
