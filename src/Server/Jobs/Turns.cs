namespace Simkeeper.Server.Jobs;

/// <summary>Gives turns, one after the other, among a number that may change. Any number of threads may ask.</summary>
/// <param name="first">Where it begins.</param>
internal sealed class Turns(int first = 0)
{
    private int _next = first;

    /// <summary>The next turn among so many, from 0. It goes on after the count has run over.</summary>
    public int Next(int count) => (int)((uint)Interlocked.Increment(ref _next) % (uint)count);
}
