namespace Simkeeper.Server.Hosting;

/// <summary>
/// The one source of randomness for waits, shared by all workers: it spreads retries so that they do not come back together.
/// </summary>
/// <param name="seed">The start of the sequence. A test gives its own and sees the same waits again.</param>
internal sealed class Chance(int seed)
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);

    /// <summary>The next number in [0, 1).</summary>
    public double Next()
    {
        lock (_lock)
            return _random.NextDouble();
    }
}
