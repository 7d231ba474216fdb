using System.Globalization;

namespace Simkeeper.Bench;

/// <summary>The state of the server at one moment, and what happened in the interval before.</summary>
/// <param name="Seconds">Since the load began.</param>
/// <param name="Processor">Processor time in seconds that it has used since its start.</param>
/// <param name="OwnMegabytes">Resident memory without the store's file, which readers map and the system may take back.</param>
/// <param name="Victim">The time in milliseconds that 99 of 100 reads of the victim stay under.</param>
/// <param name="VictimFailed">Reads of the victim that had no success.</param>
/// <param name="Operations">Open ones.</param>
/// <param name="Deliveries">Pending ones.</param>
internal sealed record SoakSample(
    double Seconds, double Processor, double ResidentMegabytes, double OwnMegabytes, int Descriptors, int Threads, double LogMegabytes,
    double StoreMegabytes, double Victim, long VictimFailed, SoakCounted Load, long Operations, long Deliveries)
{
    private const string Header = "seconds,processor_s,resident_mb,anonymous_mb,descriptors,threads,wal_mb,store_mb,"
        + "victim_p99_ms,victim_failed,offered,accepted,rejected,refused_429,away_503,wrong,late,broken,not_started,"
        + "admitted_p99_ms,operations_open,deliveries_pending";

    /// <summary>Looks at a server.</summary>
    public static SoakSample Of(
        ServerProcess server, string folder, double seconds, (double NinetyNine, long Failed) victim, SoakCounted load,
        WatchedStore store)
    {
        var database = new FileInfo(Path.Combine(folder, "simkeeper.db"));
        var log = new FileInfo(database.FullName + "-wal");
        return new SoakSample(
            seconds, server.ProcessorTime().TotalSeconds, server.Megabytes("VmRSS"), server.Megabytes("RssAnon"),
            Directory.GetFiles($"/proc/{server.Id}/fd").Length,
            Directory.GetDirectories($"/proc/{server.Id}/task").Length, log.Exists ? log.Length / 1e6 : 0, database.Length / 1e6,
            victim.NinetyNine, victim.Failed, load, store.OpenOperations(), store.PendingDeliveries());
    }

    /// <summary>Writes samples as CSV.</summary>
    public static void Write(string path, IEnumerable<SoakSample> samples)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllLines(path, samples.Select(sample => sample.Line()).Prepend(Header));
    }

    /// <summary>The median of the last sixth of the samples, and that of the second.</summary>
    public static (double Last, double Second) Sixths(List<SoakSample> samples, Func<SoakSample, double> value)
    {
        var sixth = Math.Max(1, samples.Count / 6);
        return (Median(samples[^sixth..]), Median(samples[sixth..Math.Min(samples.Count, 2 * sixth)]));

        double Median(List<SoakSample> of) => of.Select(value).Order().ElementAt(of.Count / 2);
    }

    private string Line() => string.Join(',', new double[]
    {
        Seconds, Processor, ResidentMegabytes, OwnMegabytes, Descriptors, Threads, LogMegabytes, StoreMegabytes, Victim, VictimFailed,
        Load.Offered, Load.Accepted, Load.Rejected, Load.Refused, Load.Away, Load.Wrong, Load.Late, Load.Broken,
        Load.NotStarted, Load.NinetyNine, Operations, Deliveries,
    }.Select(value => value.ToString("0.#", CultureInfo.InvariantCulture)));
}
