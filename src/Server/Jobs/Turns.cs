namespace Simkeeper.Server.Jobs;

/// <summary>Gives turns, one after the other, among a number that may change. Any number of threads may ask.</summary>
/// <param name="first">The first turn.</param>
internal sealed class Turns(int first = 0)
{
    private int _next = first;

    /// <summary>The next turn among this many, from 0. It still works after the counter has overflowed.</summary>
    public int Next(int count) => (int)((uint)Interlocked.Increment(ref _next) % (uint)count);
}
