using System.Net;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Deliveries;

/// <summary>Settings of deliveries, whatever their message.</summary>
internal sealed class DeliverySettings(Settings read, SandboxSettings sandbox)
{
    public TimeSpan ConnectTimeout { get; } = read.Duration("Deliveries:ConnectTimeout", "5s", "100ms", "1m",
        "How long a receiver may take to accept a connection.");

    public TimeSpan Timeout { get; } = read.Duration("Deliveries:Timeout", "15s", "100ms", "5m", "How long one delivery attempt may take in all.");

    public int AtOncePerReceiver { get; } = (int)read.Number("Deliveries:AtOncePerReceiver", 32, 1, 256,
        "Deliveries that one org sends to one receiver (scheme, host and port) at once, while it answers.");

    public TimeSpan Keep { get; } = read.Duration("Deliveries:Keep", "90d", "1d", "3650d",
        "How long a delivery that has ended is kept, with its attempts, from when it was made. SIM clock.");

    public IReadOnlyList<IPNetwork> AllowedRanges { get; } =
    [
        .. read.List("Deliveries:AllowedRanges", "",
                "Address ranges such as `10.1.0.0/16`, with commas between them, that may be called although they are not public.")
            .Select(range => IPNetwork.TryParse(range, out var network)
                ? network
                : throw Settings.Wrong("Deliveries:AllowedRanges",
                    "is address ranges such as 10.1.0.0/16 or fd12:3456::/32 with commas between them")),
    ];

    /// <summary>Receivers may be called over plain http and at private addresses: in a sandbox they stand beside the server.</summary>
    public bool AllowLocal => sandbox.Enabled;
}
