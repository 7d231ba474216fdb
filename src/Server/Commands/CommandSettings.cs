using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Commands;

/// <summary>Settings of Commands. Both times run on the SIM clock.</summary>
internal sealed class CommandSettings(Settings read)
{
    public TimeSpan Deadline { get; } = read.Duration("Commands:Deadline", "24h", "1s", "3650d",
        "The most time for which a Command may be on its way; then it has failed. SIM clock.");

    public TimeSpan Keep { get; } = read.Duration("Commands:Keep", "30d", "1h", "3650d",
        "The time for which a Command that has ended is kept. SIM clock.");
}
