namespace Simkeeper.Server.Clock;

/// <summary>
/// The movable clock that a SIM's life runs on: the wall clock plus an offset, or a moment at which it is stopped. Milliseconds. Leases,
/// HTTP time-outs and token expiry run on the wall clock instead.
/// </summary>
internal sealed class SimClock(TimeProvider wall)
{
    private readonly Lock _lock = new();
    private TimeSpan _offset;
    private DateTimeOffset? _standsAt;

    /// <summary>The time now, cut to the millisecond, the precision that is stored.</summary>
    public DateTimeOffset Now
    {
        get
        {
            lock (_lock)
                return _standsAt ?? Cut(wall.GetUtcNow() + _offset);
        }
    }

    /// <summary>The clock that processes and networks run on.</summary>
    public TimeProvider Wall => wall;

    /// <summary>The time by which it is ahead of the wall clock.</summary>
    public TimeSpan Offset
    {
        get
        {
            lock (_lock)
                return _standsAt is { } at ? at - Cut(wall.GetUtcNow()) : _offset;
        }
    }

    /// <summary>True if a user has stopped it.</summary>
    public bool Frozen { get; private set; }

    /// <summary>True while it is being moved; attempts then get less time.</summary>
    public bool Moving { get; private set; }

    /// <summary>Stops it at this moment until it is told to go on.</summary>
    public void Freeze(DateTimeOffset at)
    {
        lock (_lock)
            (_standsAt, Frozen) = (at, true);
    }

    /// <summary>Sets it, during a move, to the moment that is being worked on.</summary>
    public void MoveTo(DateTimeOffset at)
    {
        lock (_lock)
            (_standsAt, Moving) = (at, true);
    }

    /// <summary>Ends a move: the clock stands there if it was frozen, and runs on if not.</summary>
    /// <param name="offset">The time by which it is ahead from now on; null: it runs on from the moment that it has reached.</param>
    public void EndMove(TimeSpan? offset)
    {
        lock (_lock)
        {
            Moving = false;
            if (Frozen)
                return;
            Run();
            _offset = offset ?? _offset;
        }
    }

    /// <summary>Lets it run on from the moment at which it stands.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            Frozen = false;
            if (!Moving)
                Run();
        }
    }

    /// <summary>Restores a stored state.</summary>
    public void Restore(TimeSpan offset, DateTimeOffset? frozenAt)
    {
        lock (_lock)
            (_offset, _standsAt, Frozen) = (offset, frozenAt, frozenAt is not null);
    }

    private void Run()
    {
        if (_standsAt is { } at)
            _offset = at - Cut(wall.GetUtcNow());
        _standsAt = null;
    }

    private static DateTimeOffset Cut(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
