using System.Buffers.Binary;
using System.Net;

namespace Simkeeper.Server.Hosting;

/// <summary>
/// Counts the actions of each caller in a minute of the steady counter. Callers share a fixed number of places, by a hash that nobody
/// outside can foresee.
/// However many callers there are, memory does not grow and no count starts again. Callers in one place share its count. They rarely use it
/// up, since that takes as many requests as the limit.
/// </summary>
/// <param name="most">The number of actions that one caller may take in a minute.</param>
internal sealed class PerMinute(long most, TimeProvider wall)
{
    public const int Places = 1 << 16;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly int[] _counts = new int[Places];
    private long _since = wall.GetTimestamp();

    /// <summary>
    /// The caller that a request from this address counts for. An IPv4 address is one caller. Of an IPv6 address the first 64 bits are one
    /// caller, since a subscriber has all addresses that begin with them (RFC 6177).
    /// </summary>
    public static ulong Caller(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    /// <summary>Counts one more action of a caller. Null: it is allowed; else the whole seconds until the next is allowed.</summary>
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

    /// <summary>Null: a caller may go on; else the whole seconds until it may.</summary>
    public int? Wait<T>(T caller)
    {
        lock (_lock)
        {
            var left = SecondsLeft();
            return _counts[Place(caller)] >= most ? left : null;
        }
    }

    /// <summary>The seconds left of the running minute. A new minute begins if it is over.</summary>
    private int SecondsLeft()
    {
        var now = wall.GetTimestamp();
        var passed = wall.GetElapsedTime(_since, now);
        if (passed >= Minute)
        {
            _since = now;
            passed = TimeSpan.Zero;
            Array.Clear(_counts);
        }
        return (int)Math.Ceiling((Minute - passed).TotalSeconds);
    }

    private static uint Place<T>(T caller) => (uint)HashCode.Combine(caller) % Places;
}
