namespace Simkeeper.Server.Tests.Support;

/// <summary>A wall clock that stands where a test puts it.</summary>
internal sealed class SteppingTime : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    /// <summary>Forward, or with a negative span back.</summary>
    public void Step(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
