namespace Simkeeper.Core;

/// <summary>Sums that never run over: one that would is the largest number there is, or the smallest.</summary>
public static class Sum
{
    /// <summary>The parts into which a store splits numbers before it adds them up, so that its own sums cannot run over.</summary>
    public const long PartSize = 1L << 32;

    public static long Of(long a, long b) => Limit((Int128)a + b);

    public static long Less(long a, long b) => Limit((Int128)a - b);

    /// <summary>The sum of numbers whose quotients by <see cref="PartSize"/> and whose remainders were added up.</summary>
    public static long OfParts(long quotients, long remainders) => Limit(((Int128)quotients * PartSize) + remainders);

    private static long Limit(Int128 sum) => (long)Int128.Clamp(sum, long.MinValue, long.MaxValue);
}
