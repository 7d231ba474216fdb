using System.Net;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Deliveries;

/// <summary>Settings of the deliveries of every dialect.</summary>
internal sealed class DeliverySettings(Settings read, SandboxSettings sandbox)
{
    public TimeSpan ConnectTimeout { get; } = read.Duration("Deliveries:ConnectTimeout", "5s", "100ms", "1m",
        "The time in which a receiver must accept a connection.");

    public TimeSpan Timeout { get; } = read.Duration("Deliveries:Timeout", "15s", "100ms", "5m",
        "The most time of one delivery attempt in all.");

    public int AtOncePerReceiver { get; } = (int)read.Number("Deliveries:AtOncePerReceiver", 32, 1, 256,
        "Deliveries that one org sends to one receiver (scheme, host and port) at once, while it answers.");

    public int ConnectionsMax { get; } = (int)read.Number("Deliveries:ConnectionsMax", 512, 1, 65_535,
        "Connections to all receivers together; also the attempts that are made at once.");

    public int ConnectionsPerReceiver { get; } = (int)read.Number("Deliveries:ConnectionsPerReceiver", 256, 1, 65_535,
        "Connections to one receiver, of all orgs together.");

    public TimeSpan Keep { get; } = read.Duration("Deliveries:Keep", "90d", "1d", "3650d",
        "The time, from its creation, for which a delivery that has ended is kept, with its attempts. SIM clock.");

    public IReadOnlyList<IPNetwork> AllowedRanges { get; } =
    [
        .. read.List("Deliveries:AllowedRanges", "",
                "Address ranges such as `10.1.0.0/16`, with commas between them, that may be called although they are not public.")
            .Select(range => IPNetwork.TryParse(range, out var network)
                ? network
                : throw Settings.Wrong("Deliveries:AllowedRanges",
                    "is address ranges such as 10.1.0.0/16 or fd12:3456::/32 with commas between them")),
    ];

    /// <summary>
    /// True in a sandbox, whose receivers stand beside the server: they may be called over plain http and at private addresses.
    /// </summary>
    public bool AllowLocal => sandbox.Enabled;
}
