using System.Globalization;
using System.Runtime.InteropServices;

namespace Simkeeper.Bench;

/// <summary>Describes the machine that measured, without a word that would tell whose it is.</summary>
internal static class Machine
{
    public const string Introduction = """
        # Benchmarks

        Written by `./bench --write`; `./bench [NAME…]` prints the same tables. Each figure is the median of 5 measurements, taken by turns
        with its floor: the least that the same machine, the same HTTP server or the same SQLite can do for that work, measured in the same
        run. Load comes from wrk on the same cores, so the ratios say more than the absolute numbers.


        """;

    public static string Facts(string? date)
    {
        // GC memory is what a container may use; of a whole machine it is all of it.
        var gigabytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        var kernel = Environment.OSVersion.Version;
        return string.Create(CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores, {gigabytes:0} GB of memory, Linux {kernel.Major}.{kernel.Minor}, "
            + $"{RuntimeInformation.FrameworkDescription}{(date is null ? "" : $", {date}")}.\n");
    }
}
