namespace Simkeeper.Server.Clock;

/// <summary>
/// The movable clock that a SIM's life runs on: the wall clock plus an offset, or standing still. Milliseconds. Leases, HTTP time-outs
/// and token expiry run on the wall clock instead.
/// </summary>
internal sealed class SimClock(TimeProvider wall)
{
    private readonly Lock _lock = new();
    private TimeSpan _offset;
    private DateTimeOffset? _standsAt;

    /// <summary>Now, cut to the millisecond: the precision that is stored.</summary>
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

    /// <summary>How far it is ahead of the wall clock.</summary>
    public TimeSpan Offset
    {
        get
        {
            lock (_lock)
                return _standsAt is { } at ? at - Cut(wall.GetUtcNow()) : _offset;
        }
    }

    /// <summary>A user has stopped it.</summary>
    public bool Frozen { get; private set; }

    /// <summary>It is being moved at this moment; attempts are given less time.</summary>
    public bool Moving { get; private set; }

    /// <summary>It stands at this moment until told otherwise.</summary>
    public void Freeze(DateTimeOffset at)
    {
        lock (_lock)
            (_standsAt, Frozen) = (at, true);
    }

    /// <summary>While it is moved, it stands at the moment that is being worked on.</summary>
    public void MoveTo(DateTimeOffset at)
    {
        lock (_lock)
            (_standsAt, Moving) = (at, true);
    }

    /// <summary>The move is over: it stands there if it was frozen, and runs on if not.</summary>
    /// <param name="offset">How far it is ahead from now on; null: it runs on from where it came to.</param>
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

    /// <summary>It runs on from where it stands.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            Frozen = false;
            if (!Moving)
                Run();
        }
    }

    /// <summary>Takes up a stored state.</summary>
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
