namespace Simkeeper.Server.Tests.Simulation;

/// <summary>A wall clock that starts at a moment of the story, runs at the machine's pace, and can be set wrong.</summary>
internal sealed class StoryTime(DateTimeOffset start) : TimeProvider
{
    private readonly long _startedAt = System.GetTimestamp();
    private long _jumpedTicks;

    public override DateTimeOffset GetUtcNow() =>
        start + System.GetElapsedTime(_startedAt) + TimeSpan.FromTicks(Volatile.Read(ref _jumpedTicks));

    public void Jump(TimeSpan by) => Interlocked.Add(ref _jumpedTicks, by.Ticks);
}
