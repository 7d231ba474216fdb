namespace Simkeeper.Bench;

/// <summary>Counts what becomes of requests; many threads may count at once.</summary>
internal sealed class SoakCounts
{
    private readonly long[] _ofMillisecond = new long[30_000];
    private SoakCounted _now = new();
    private readonly Lock _lock = new();

    /// <summary>Requests that the server has answered otherwise than that it has no room.</summary>
    public long Completed
    {
        get
        {
            lock (_lock)
                return _now.Accepted + _now.Rejected;
        }
    }

    public void Offered() => Count(static counted => counted.Offered++);

    public void NotStarted() => Count(static counted => counted.NotStarted++);

    public void Late() => Count(static counted => counted.Late++);

    public void Broken() => Count(static counted => counted.Broken++);

    /// <summary>Counts an answer. True: it ought not to be.</summary>
    public bool Answered(int status, TimeSpan after)
    {
        lock (_lock)
        {
            switch (status)
            {
                case 429:
                    _now.Refused++;
                    return false;
                case 503:
                    _now.Away++;
                    return false;
                case 401 or 403 or >= 500:
                    _now.Wrong++;
                    return true;
                case >= 400:
                    _now.Rejected++;
                    break;
                default:
                    _now.Accepted++;
                    break;
            }
            _ofMillisecond[Math.Clamp((int)after.TotalMilliseconds, 0, _ofMillisecond.Length - 1)]++;
            return false;
        }
    }

    /// <summary>Gives what was counted since the last time, and counts anew.</summary>
    public SoakCounted Take()
    {
        lock (_lock)
        {
            var counted = _now;
            var left = (_now.Accepted + _now.Rejected) / 100;
            for (var i = _ofMillisecond.Length - 1; i >= 0 && left >= 0; i--)
            {
                left -= _ofMillisecond[i];
                counted.NinetyNine = i;
            }
            Array.Clear(_ofMillisecond);
            _now = new SoakCounted();
            return counted;
        }
    }

    /// <summary>Counts anew.</summary>
    public void Forget() => Take();

    private void Count(Action<SoakCounted> add)
    {
        lock (_lock)
            add(_now);
    }
}

/// <summary>Counts of one interval.</summary>
internal sealed record SoakCounted
{
    /// <summary>Requests that were due.</summary>
    public long Offered { get; set; }

    /// <summary>Answers of success.</summary>
    public long Accepted { get; set; }

    /// <summary>Answers that say that the request cannot be done, such as a change of a SIM that is being changed.</summary>
    public long Rejected { get; set; }

    /// <summary>Answers 429.</summary>
    public long Refused { get; set; }

    /// <summary>Answers 503.</summary>
    public long Away { get; set; }

    /// <summary>Answers that ought not to be: 5xx other than 503, and 401 or 403 to a key that is right.</summary>
    public long Wrong { get; set; }

    /// <summary>Requests that the client gave up.</summary>
    public long Late { get; set; }

    /// <summary>Requests whose connection broke.</summary>
    public long Broken { get; set; }

    /// <summary>Requests that were due while too many of their org were under way.</summary>
    public long NotStarted { get; set; }

    /// <summary>Of accepted and rejected requests, the time in milliseconds that 99 of 100 stay under.</summary>
    public double NinetyNine { get; set; }
}
