using System.Net;
using System.Net.Sockets;

namespace Simkeeper.Server.Tests.Support;

/// <summary>An address that stays, while what is behind it breaks off and comes back elsewhere.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<TcpClient> _open = [];
    private readonly Task _accepting;
    private Uri? _target;

    public Relay()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public void To(Uri target) => _target = target;

    /// <summary>Breaks off every connection and lets none through.</summary>
    public void Break()
    {
        _target = null;
        lock (_lock)
        {
            foreach (var client in _open)
                client.Close();
            _open.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Break();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task PassAsync(TcpClient caller)
    {
        using var behind = new TcpClient();
        lock (_lock)
            _open.AddRange(caller, behind);
        using (caller)
        {
            try
            {
                if (_target is not { } target)
                    return;
                await behind.ConnectAsync(target.Host, target.Port);
                await Task.WhenAny(caller.GetStream().CopyToAsync(behind.GetStream()), behind.GetStream().CopyToAsync(caller.GetStream()));
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Broken off.
            }
        }
    }
}
