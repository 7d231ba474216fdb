using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Usage;

/// <summary>Settings of usage.</summary>
internal sealed class UsageSettings(Settings read)
{
    /// <summary>Bytes of the largest batch of reports.</summary>
    public long BytesMax { get; } = read.Number("Usage:BytesMax", 8 * 1024 * 1024, 1024, 1L << 30,
        "The largest batch of usage reports in bytes that the operator API takes.");

    public TimeSpan Retention { get; } = read.Duration("Usage:Retention", "548d", "62d", "3650d",
        "How long usage is kept; reports of what is older are refused.");
}
