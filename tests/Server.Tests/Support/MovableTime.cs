namespace Simkeeper.Server.Tests.Support;

/// <summary>A wall clock that a test moves, and the steady counter beside it.</summary>
internal sealed class MovableTime : TimeProvider
{
    private DateTimeOffset? _standsAt;
    private long _moved;
    private long _passed;

    /// <summary>One that runs as the machine's clock does.</summary>
    /// <param name="start">The moment at which it starts; null: the machine's time.</param>
    public MovableTime(DateTimeOffset? start = null)
    {
        var now = System.GetUtcNow();
        _moved = ((start ?? now) - now).Ticks;
    }

    /// <summary>One that stands at a full second until it is moved.</summary>
    public static MovableTime Standing => new() { _standsAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) };

    public override DateTimeOffset GetUtcNow() =>
        (_standsAt ?? System.GetUtcNow()).AddTicks(Interlocked.Read(ref _moved) + Interlocked.Read(ref _passed));

    public override long GetTimestamp() =>
        System.GetTimestamp() + (Interlocked.Read(ref _passed) * (TimestampFrequency / TimeSpan.TicksPerSecond));

    /// <summary>Moves the wall clock, forward or back. The steady counter does not see it.</summary>
    public void Move(TimeSpan by) => Interlocked.Add(ref _moved, by.Ticks);

    /// <summary>Lets time pass, on the wall clock and the steady counter.</summary>
    public void Pass(TimeSpan by) => Interlocked.Add(ref _passed, by.Ticks);
}
