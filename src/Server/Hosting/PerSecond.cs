namespace Simkeeper.Server.Hosting;

/// <summary>
/// Bounds the requests of each caller in a second of the steady counter, without a lock. As <see cref="PerMinute"/>, it gives callers a
/// fixed number of places, so memory does not grow.
/// </summary>
/// <param name="most">The requests that one caller may make in a second, spread or at once.</param>
internal sealed class PerSecond(long most, TimeProvider wall)
{
    public const int Places = 1 << 14;

    private readonly long _second = wall.TimestampFrequency;
    private readonly long _each = Math.Max(1, wall.TimestampFrequency / most);

    /// <summary>For each place the moment at which nothing of its allowance will be used any more.</summary>
    private readonly long[] _usedUntil = new long[Places];

    /// <summary>Counts one more request. Null: it is allowed; else the whole seconds until the next is allowed.</summary>
    /// <param name="caller">A hash of the caller that nobody outside can foresee.</param>
    public int? Count(int caller)
    {
        ref var place = ref _usedUntil[(uint)caller % Places];
        var now = wall.GetTimestamp();
        while (true)
        {
            var before = Volatile.Read(ref place);
            var after = Math.Max(before, now) + _each;
            if (after - now > _second)
                return (int)Math.Ceiling((after - now - _second) / (double)_second);
            if (Interlocked.CompareExchange(ref place, after, before) == before)
                return null;
        }
    }
}
