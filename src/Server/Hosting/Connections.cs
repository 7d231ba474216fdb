using System.Net;

namespace Simkeeper.Server.Hosting;

/// <summary>
/// Bounds the open connections, in all and for each address. Beyond a limit an idle connection makes room, one that has been idle for long
/// before others; if none is idle, the new one is closed. So nobody can take all connections only by opening them. Nor can an address open
/// so many in a second that the server does little else.
/// </summary>
internal sealed class Connections(HttpLimits limits, HttpSettings http, TimeProvider wall)
{
    /// <summary>Connections among which the one that has been idle longest makes room: a look at all would cost too much.</summary>
    private const int LookedAt = 32;

    private readonly Lock _lock = new();
    private readonly List<OpenConnection> _all = [];
    private readonly Dictionary<ulong, List<OpenConnection>> _ofAddress = [];
    private readonly HashSet<IPAddress> _proxies = [.. http.TrustedProxies];
    private readonly PerSecond _opened = new(limits.ConnectionsPerSecondPerAddress, wall);
    private long _refused;
    private int _turn;

    /// <summary>Connections that are open.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _all.Count;
        }
    }

    /// <summary>Connections that were closed because there were too many, since the start.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Lets a new connection in, which counts until it is removed. Null: there is no room.</summary>
    /// <param name="isLast">True if the process has hardly any descriptor left: then an idle connection makes room in any case.</param>
    public OpenConnection? Enter(EndPoint? from, bool isLast)
    {
        var address = (from as IPEndPoint)?.Address;
        var isProxy = address is not null && _proxies.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        var connection = new OpenConnection(isProxy ? null : PerMinute.Caller(address));
        if (connection.Caller is { } caller && _opened.Count(HashCode.Combine(caller)) is not null)
        {
            Interlocked.Increment(ref _refused);
            return null;
        }
        OpenConnection? idle = null;
        lock (_lock)
        {
            var ofAddress = connection.Caller is { } of ? _ofAddress.GetValueOrDefault(of) : null;
            var full = ofAddress is not null && ofAddress.Count >= limits.ConnectionsPerAddress ? ofAddress
                : isLast || _all.Count >= limits.ConnectionsMax ? _all
                : null;
            if (full is not null)
            {
                Interlocked.Increment(ref _refused);
                idle = Oldest(full);
                if (idle is null)
                    return null;
                Take(idle);
            }
            Put(connection);
        }
        idle?.Abort();
        return connection;
    }

    /// <summary>A connection has been closed.</summary>
    public void Remove(OpenConnection connection)
    {
        lock (_lock)
            Take(connection);
    }

    /// <summary>Closes an idle connection if there is one: the process has no descriptor left.</summary>
    public void MakeRoom()
    {
        OpenConnection? idle;
        lock (_lock)
        {
            idle = Oldest(_all);
            if (idle is not null)
                Take(idle);
        }
        Interlocked.Increment(ref _refused);
        idle?.Abort();
    }

    /// <summary>The one that has been idle longest among some; null: all of them are busy.</summary>
    private OpenConnection? Oldest(List<OpenConnection> among)
    {
        OpenConnection? oldest = null;
        for (var i = 0; i < among.Count && (i < LookedAt || oldest is null); i++)
        {
            _turn = (_turn + 1) & int.MaxValue;
            var one = among[_turn % among.Count];
            if (one.IsIdle && (oldest is null || one.UsedAt < oldest.UsedAt))
                oldest = one;
        }
        return oldest;
    }

    private void Put(OpenConnection connection)
    {
        connection.Index = _all.Count;
        _all.Add(connection);
        if (connection.Caller is not { } caller)
            return;
        if (!_ofAddress.TryGetValue(caller, out var ofAddress))
            _ofAddress.Add(caller, ofAddress = []);
        connection.IndexOfAddress = ofAddress.Count;
        ofAddress.Add(connection);
    }

    /// <summary>Takes it out, unless that was done before.</summary>
    private void Take(OpenConnection connection)
    {
        if (connection.Index < 0)
            return;
        var last = _all[^1];
        (_all[connection.Index], last.Index) = (last, connection.Index);
        _all.RemoveAt(_all.Count - 1);
        connection.Index = -1;
        if (connection.Caller is not { } caller)
            return;
        var ofAddress = _ofAddress[caller];
        var lastOfAddress = ofAddress[^1];
        (ofAddress[connection.IndexOfAddress], lastOfAddress.IndexOfAddress) = (lastOfAddress, connection.IndexOfAddress);
        ofAddress.RemoveAt(ofAddress.Count - 1);
        if (ofAddress.Count == 0)
            _ofAddress.Remove(caller);
    }
}
