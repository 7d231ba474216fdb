namespace Simkeeper.Core.Operations;

/// <summary>
/// The wait before the next attempt at a carrier: it doubles from one second to at most two and a half minutes. The wait until somebody
/// looks whether a carrier is back, and the wait of an operation that was told meanwhile, can follow one another. Together they are at most
/// five minutes.
/// </summary>
public static class Backoff
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(2.5);

    /// <param name="attempts">Attempts made so far, from 1.</param>
    /// <param name="jitter">In [0, 1): takes off up to half, so that many operations do not come back together.</param>
    public static TimeSpan After(int attempts, double jitter)
    {
        var doubled = First * Math.Pow(2, Math.Clamp(attempts - 1, 0, 20));
        return (doubled < Longest ? doubled : Longest) * (1 - (jitter / 2));
    }
}
