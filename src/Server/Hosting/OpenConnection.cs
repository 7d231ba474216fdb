using Microsoft.AspNetCore.Connections;

namespace Simkeeper.Server.Hosting;

/// <summary>One open connection of a client. It is idle while no request is worked on.</summary>
/// <param name="caller">
/// Its address, as <see cref="PerMinute.Caller"/> counts it; null: a trusted proxy, whose connections are not counted.
/// </param>
internal sealed class OpenConnection(ulong? caller)
{
    private ConnectionContext? _context;
    private long _usedAt;
    private volatile bool _isBusy = true;

    public ulong? Caller => caller;

    /// <summary>Its place among all connections, and among those of its address.</summary>
    public int Index, IndexOfAddress;

    public bool IsIdle => !_isBusy;

    /// <summary>The steady counter when its last request ended.</summary>
    public long UsedAt => Volatile.Read(ref _usedAt);

    /// <summary>It has a transport from now on, and is idle.</summary>
    public void Open(ConnectionContext context, long now)
    {
        _context = context;
        context.Features.Set(this);
        End(now);
    }

    /// <summary>A request begins.</summary>
    public void Begin() => _isBusy = true;

    /// <summary>The request has ended.</summary>
    public void End(long now)
    {
        Volatile.Write(ref _usedAt, now);
        _isBusy = false;
    }

    /// <summary>Closes it at once.</summary>
    public void Abort() => _context!.Abort(new ConnectionAbortedException("It was idle, and the server has too many connections."));
}
