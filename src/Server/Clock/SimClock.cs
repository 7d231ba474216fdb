namespace Simkeeper.Server.Clock;

/// <summary>
/// The movable clock that a SIM's life runs on: the time below it plus an offset, or a moment at which it is stopped. Milliseconds. The
/// time below it is the database's where servers share one, so that all of them agree; else this machine's. Leases, HTTP time-outs and
/// token expiry do not move with it.
/// </summary>
/// <param name="time">The time below it; null: this machine's.</param>
internal sealed class SimClock(TimeProvider wall, Func<DateTimeOffset>? time = null)
{
    private readonly Lock _lock = new();
    private readonly Func<DateTimeOffset> _time = time ?? wall.GetUtcNow;
    private TimeSpan _offset;
    private DateTimeOffset? _standsAt;
    private DateTimeOffset _latest;

    /// <summary>The time now, cut to the millisecond, the precision that is stored.</summary>
    public DateTimeOffset Now
    {
        get
        {
            lock (_lock)
            {
                var now = _standsAt ?? Cut(_time() + _offset);
                if (now > _latest)
                    _latest = now;
                return now;
            }
        }
    }

    /// <summary>The clock that processes and networks run on.</summary>
    public TimeProvider Wall => wall;

    /// <summary>The time below it.</summary>
    public DateTimeOffset Below => _time();

    /// <summary>The latest time that it has shown. It lies after <see cref="Now"/> when the clock below it was set back.</summary>
    public DateTimeOffset Latest
    {
        get
        {
            lock (_lock)
                return _latest;
        }
    }

    /// <summary>The time by which it is ahead of the wall clock.</summary>
    public TimeSpan Offset
    {
        get
        {
            lock (_lock)
                return _standsAt is { } at ? at - Cut(_time()) : _offset;
        }
    }

    /// <summary>True if a user has stopped it.</summary>
    public bool Frozen { get; private set; }

    /// <summary>True while it is being moved; attempts then get less time.</summary>
    public bool Moving { get; private set; }

    /// <summary>Notes that this time was shown, by an earlier process.</summary>
    public void Seen(DateTimeOffset time)
    {
        lock (_lock)
            _latest = time > _latest ? time : _latest;
    }

    /// <summary>Forgets what it showed before it was set back to this time.</summary>
    public void SetBack(DateTimeOffset to)
    {
        lock (_lock)
            _latest = to;
    }

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
            _offset = at - Cut(_time());
        _standsAt = null;
    }

    private static DateTimeOffset Cut(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
