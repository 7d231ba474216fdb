namespace Simkeeper.Server.Tests.Support;

/// <summary>The machine's clock, which a test can move ahead.</summary>
internal sealed class MovingWall : TimeProvider
{
    private long _aheadTicks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _aheadTicks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _aheadTicks));
}
