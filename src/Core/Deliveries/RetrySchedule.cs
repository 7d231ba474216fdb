namespace Simkeeper.Core.Deliveries;

/// <summary>When a delivery that failed is tried again: at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h.</summary>
public static class RetrySchedule
{
    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(10),
    ];

    /// <summary>How long to wait after this many failed attempts; null when that was the last.</summary>
    /// <param name="attempts">Attempts made so far, from 1.</param>
    /// <param name="jitter">In [0, 1): adds up to a tenth, so that many deliveries do not come back together.</param>
    public static TimeSpan? After(int attempts, double jitter) =>
        attempts <= Waits.Length ? Waits[attempts - 1] * (1 + (jitter / 10)) : null;
}
