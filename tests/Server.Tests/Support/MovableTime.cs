namespace Simkeeper.Server.Tests.Support;

/// <summary>The machine's time, moved forward at will.</summary>
internal sealed class MovableTime : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ahead));

    public override long GetTimestamp() =>
        System.GetTimestamp() + (Interlocked.Read(ref _ahead) * (TimestampFrequency / TimeSpan.TicksPerSecond));

    public void Move(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);
}
