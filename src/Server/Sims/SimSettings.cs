using Simkeeper.Core.Sims;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Sims;

/// <summary>Settings of the lifecycle, of what is kept of it, of imports and of eSIM profiles.</summary>
internal sealed class SimSettings(Settings read)
{
    public LifecycleRules Rules { get; } = new(
        read.Duration("Operations:Deadline", "24h", "1s", "3650d", "How long an operation may stay open while its carrier is there."),
        read.DurationOrNull("Operations:ScheduledDeadline", "1s", "3650d",
            "How long an operation may stay open while its carrier is away; without it, for ever."),
        read.Flag("Lifecycle:AllowReactivation", true, "Whether a deactivated SIM can become active inside its 72 hours."));

    public TimeSpan OperationsKeep { get; } = read.Duration("Operations:Keep", "90d", "1d", "3650d",
        "The time, from its creation, for which an operation that has ended is kept. SIM clock.");

    public TimeSpan? EventsPurge { get; } = read.DurationOrNull("Events:Purge", "1d", "3650d",
        "The age at which events are removed; without it, they are kept for ever. SIM clock.");

    /// <summary>The most cards of one file; the memory for their numbers is 16 to 32 bytes each.</summary>
    public long ImportCardsMax { get; } = read.Number(
        "Import:CardsMax", 20_000_000, 1, 200_000_000, "The most cards that are read of one file.");

    /// <summary>Bytes of the largest file.</summary>
    public long ImportBytesMax { get; } = read.Number(
        "Import:BytesMax", 4L << 30, 1024, 1L << 40, "The largest file in bytes that an import takes, packed or unpacked.");

    public bool RefuseLuhn { get; } = read.OneOf("Import:Luhn", "warn",
        "What an ICCID with a wrong check digit gets: `warn` or `refuse`.", "warn", "refuse") == "refuse";

    public IReadOnlyList<string> ProfileProviders { get; } = read.List("EsimProfile:Providers", "p3,p14,p15,test",
        "The providers whose eSIM profile status is known; all others answer `unknown`.");
}
