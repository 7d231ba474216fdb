using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Simkeeper.Server.Hosting;

/// <summary>Makes the listeners of the server.</summary>
internal sealed class Listeners(Connections connections, IMemoryPoolFactory<byte> memory, TimeProvider wall, ILoggerFactory logs)
    : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken stop)
    {
        Socket socket;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }
        socket.Listen(Listener.Backlog);
        return ValueTask.FromResult<IConnectionListener>(new Listener(socket, connections, memory.Create(), wall, logs));
    }
}

/// <summary>
/// Accepts connections, within the limits. The server's own listener tries again without a pause when the process has no descriptor left;
/// and whatever accepting throws ends its listening for good. This one closes an idle connection, waits, and goes on.
/// </summary>
/// <param name="memory">The buffers of requests and answers. Those that a connection has by itself are too small for the server.</param>
internal sealed class Listener(Socket socket, Connections connections, MemoryPool<byte> memory, TimeProvider wall, ILoggerFactory logs)
    : IConnectionListener, IMemoryPoolFeature
{
    /// <summary>Connections that the system holds until they are accepted.</summary>
    public const int Backlog = 512;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly SocketConnectionContextFactory _factory =
        new(new SocketConnectionFactoryOptions(), logs.CreateLogger("Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets"));

    private readonly ILogger _log = logs.CreateLogger<Listener>();
    private long? _warned;
    private volatile bool _closed;

    public MemoryPool<byte> MemoryPool => memory;

    public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken stop = default)
    {
        while (!_closed)
        {
            Socket accepted;
            try
            {
                accepted = await socket.AcceptAsync(stop);
            }
            catch (Exception) when (_closed || stop.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception e)
            {
                if (e is not SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted })
                    await WaitAsync(e);
                continue;
            }
            if (Take(accepted) is { } connection)
                return connection;
        }
        return null;
    }

    public ValueTask UnbindAsync(CancellationToken stop = default)
    {
        _closed = true;
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _closed = true;
        socket.Dispose();
        _factory.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Null: there is no room for it, or the client has gone already.</summary>
    private ConnectionContext? Take(Socket accepted)
    {
        OpenConnection? place = null;
        try
        {
            place = connections.Enter(accepted.RemoteEndPoint, Descriptors.IsOneOfTheLast(accepted.Handle));
            if (place is null)
            {
                accepted.Dispose();
                return null;
            }
            if (accepted.LocalEndPoint is IPEndPoint)
                accepted.NoDelay = true;
            var connection = _factory.Create(accepted);
            connection.Features.Set<IMemoryPoolFeature>(this);
            place.Open(connection, wall.GetTimestamp());
            connection.ConnectionClosed.UnsafeRegister(_ => connections.Remove(place), null);
            return connection;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            if (place is not null)
                connections.Remove(place);
            accepted.Dispose();
            return null;
        }
    }

    /// <summary>The machine cannot accept for the moment.</summary>
    private Task WaitAsync(Exception e)
    {
        Warn(e);
        if (e is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets })
            connections.MakeRoom();
        return Task.Delay(AfterFailure, wall, CancellationToken.None);
    }

    private void Warn(Exception e)
    {
        var now = wall.GetTimestamp();
        if (_warned is { } last && wall.GetElapsedTime(last, now) < BetweenWarnings)
            return;
        _warned = now;
        _log.LogWarning("Connections cannot be accepted for the moment: {Why}", e.Message);
    }
}
