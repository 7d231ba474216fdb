using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Commands;

/// <summary>Settings of Commands. Times run on the SIM clock.</summary>
internal sealed class CommandSettings(Settings read)
{
    public TimeSpan Deadline { get; } = read.Duration("Commands:Deadline", "24h", "1s", "3650d",
        "The most time for which a Command may be on its way; then it has failed. SIM clock.");

    public long QueuedMax { get; } = read.Number("Commands:QueuedMax", 100_000, 1, 10_000_000,
        "Commands of one account that may be queued; beyond it the answer is 429.");

    public TimeSpan Keep { get; } = read.Duration("Commands:Keep", "30d", "1h", "3650d",
        "The time for which a Command that has ended is kept. SIM clock.");
}
