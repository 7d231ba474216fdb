namespace Simkeeper.Server.Clock;

/// <summary>
/// The movable clock that a SIM's life runs on: the wall clock plus an offset, or standing still. Milliseconds. Leases, HTTP time-outs
/// and token expiry run on the wall clock instead.
/// </summary>
internal sealed class SimClock(TimeProvider wall)
{
    private TimeSpan _offset;

    /// <summary>Now, cut to the millisecond: the precision that is stored.</summary>
    public DateTimeOffset Now
    {
        get
        {
            var ticks = (wall.GetUtcNow() + _offset).UtcTicks;
            return new DateTimeOffset(ticks - (ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
        }
    }

    /// <summary>The clock that processes and networks run on.</summary>
    public TimeProvider Wall => wall;

    public TimeSpan Offset => _offset;

    /// <summary>Sets the offset as stored.</summary>
    public void Restore(TimeSpan offset) => _offset = offset;
}
