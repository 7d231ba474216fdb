using System.Buffers.Binary;
using System.Net;

namespace Simkeeper.Server.Hosting;

/// <summary>
/// Counts what each caller does in a minute. Callers share a fixed number of places, by a hash that nobody outside can foresee. However many
/// callers there are, memory stays as it is and nobody's count begins anew. Callers in one place share its count, which few ever use up: that
/// takes as many requests as the limit.
/// </summary>
/// <param name="most">The number of times that one caller may do it in a minute.</param>
internal sealed class PerMinute(long most, TimeProvider wall)
{
    public const int Places = 1 << 16;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly int[] _counts = new int[Places];
    private DateTimeOffset _since;

    /// <summary>
    /// The caller that a request from this address counts for: an IPv4 address is one caller; of an IPv6 address the first 64 bits are, for a
    /// subscriber has all addresses that begin with them (RFC 6177).
    /// </summary>
    public static ulong Caller(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    /// <summary>Counts once more for a caller. Null: it is allowed; else the whole seconds until it is again.</summary>
    public int? Count<T>(T caller)
    {
        lock (_lock)
        {
            var left = SecondsLeft();
            ref var count = ref _counts[Place(caller)];
            if (count >= most)
                return left;
            count++;
            return null;
        }
    }

    /// <summary>Null: a caller may go on; else the whole seconds until it may again.</summary>
    public int? Wait<T>(T caller)
    {
        lock (_lock)
        {
            var left = SecondsLeft();
            return _counts[Place(caller)] >= most ? left : null;
        }
    }

    /// <summary>Of the running minute; a new one begins if it is over, or if the clock was set back.</summary>
    private int SecondsLeft()
    {
        var now = wall.GetUtcNow();
        if (now - _since >= Minute || now < _since)
        {
            _since = now;
            Array.Clear(_counts);
        }
        return (int)Math.Ceiling((_since + Minute - now).TotalSeconds);
    }

    private static uint Place<T>(T caller) => (uint)HashCode.Combine(caller) % Places;
}
