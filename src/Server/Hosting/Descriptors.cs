using System.Runtime.InteropServices;

namespace Simkeeper.Server.Hosting;

/// <summary>The files and sockets that this process may open (<c>ulimit -n</c>).</summary>
internal static class Descriptors
{
    /// <summary>Connections at most, where descriptors are plenty.</summary>
    public const int ConnectionsMax = 10_000;

    /// <summary>Descriptors that are kept for the store, the receivers, the log and the runtime.</summary>
    public const int Reserve = 512;

    /// <summary>Of the last ones no connection gets any.</summary>
    private const int Last = 64;

    private static readonly Lazy<long> Limits = new(Most);

    /// <summary>The number of RLIMIT_NOFILE: Linux counts otherwise than the BSDs do.</summary>
    private static int NumberOfFiles => OperatingSystem.IsLinux() ? 7 : 8;

    /// <summary>Lets this process open as many as the machine allows it. Where that is not possible, it goes on with fewer.</summary>
    public static void Raise()
    {
        if (!OperatingSystem.IsWindows() && getrlimit(NumberOfFiles, out var limit) == 0 && limit.Soft < limit.Hard)
            _ = setrlimit(NumberOfFiles, limit with { Soft = limit.Hard });
    }

    /// <summary>
    /// The connections for which there are descriptors: all but <see cref="Reserve"/>, or half of them if there are fewer than twice that.
    /// </summary>
    public static int ForConnections()
    {
        var all = Math.Min(Most(), int.MaxValue);
        return (int)Math.Max(1, Math.Max(all - Reserve, all / 2));
    }

    /// <summary>
    /// True if this new descriptor is one of the last: the system gives the lowest number that is free. A process without any ends, since
    /// the runtime needs some too.
    /// </summary>
    public static bool IsOneOfTheLast(nint descriptor) => !OperatingSystem.IsWindows() && descriptor >= Limits.Value - Last;

    private static long Most() => OperatingSystem.IsWindows() || getrlimit(NumberOfFiles, out var limit) != 0
        ? long.MaxValue
        : (long)Math.Min(limit.Soft, long.MaxValue);

    [DllImport("libc")]
    private static extern int getrlimit(int resource, out Limit limit);

    [DllImport("libc")]
    private static extern int setrlimit(int resource, in Limit limit);

    /// <summary>The C library's <c>struct rlimit</c> of 64-bit systems.</summary>
    private readonly record struct Limit(ulong Soft, ulong Hard);
}
