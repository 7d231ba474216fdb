using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Simkeeper.Server.Hosting;

/// <summary>The limits of the door: how much one caller, and all of them, may ask of this server (docs/limits.md).</summary>
internal sealed class HttpLimits(Settings read)
{
    private const long Many = 1_000_000;

    /// <summary>
    /// A body that arrives slower than this is answered with 408, imports excepted: so the largest one takes half a minute at most.
    /// </summary>
    public static readonly MinDataRate SlowestBody = new(bytesPerSecond: 2400, gracePeriod: TimeSpan.FromSeconds(5));

    /// <summary>An import that arrives slower than this, or an answer that is read slower, ends with its connection.</summary>
    public static readonly MinDataRate Slowest = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    public int ConnectionsMax { get; } = Math.Min(Descriptors.ForConnections(), (int)read.Number(
        "Http:ConnectionsMax", Descriptors.ConnectionsMax, 16, Many,
        "Open connections to this server. There are fewer, however many are given, if the process may open few files (`ulimit -n`): 512 "
        + "of them, or half, are kept for the store, the receivers and the log."));

    /// <summary>Connections of one address, or null: three quarters of all.</summary>
    private readonly long? _connectionsPerAddress = read.NumberOrNull("Http:ConnectionsPerAddress", 1, Many,
        "Open connections from one address, of IPv6 from the network of 64 bits; trusted proxies have no such limit. Without it three "
        + "quarters of `Http:ConnectionsMax`.");

    public int ConnectionsPerAddress => (int)(_connectionsPerAddress ?? ConnectionsMax * 3L / 4);

    public long ConnectionsPerSecondPerAddress { get; } = read.Number("Http:ConnectionsPerSecondPerAddress", 1000, 1, Many,
        "Connections that one address, of IPv6 the network of 64 bits, may open in a second; trusted proxies have no such limit. Those "
        + "beyond it are closed.");

    /// <summary>The time after which a connection without a request is closed.</summary>
    public TimeSpan IdleTime { get; } = read.Duration("Http:IdleTime", "130s", "1s", "1h",
        "The time after which a connection without a request is closed. The oldest is closed earlier if there are too many.");

    public TimeSpan HeadersTime { get; } = read.Duration("Http:HeadersTime", "15s", "1s", "10m",
        "The time in which the headers of a request must arrive.");

    public long PerSecondOfKey { get; } = read.Number("Http:RequestsPerSecondPerKey", Many, 1, Many,
        "Requests a second with one key; beyond it the answer is 429.");

    public long PerSecondOfAccount { get; } = read.Number("Http:RequestsPerSecondPerAccount", Many, 1, Many,
        "Requests a second with all keys of one account; beyond it the answer is 429.");

    public long PerSecondOfAddress { get; } = read.Number("Http:RequestsPerSecondPerAddress", Many, 1, Many,
        "Requests a second from one address, of IPv6 from the network of 64 bits; beyond it the answer is 429.");

    /// <summary>Requests that read and are worked on at once, and as many that change; lists, imports and streams excepted.</summary>
    public int InFlightMax { get; } = (int)(read.NumberOrNull("Http:InFlightMax", 1, Many,
        "Requests that read and are worked on at once, and as many that change something. Lists, imports and streams have limits of "
        + "their own. A request beyond a limit waits for its turn, at most for `Http:QueueTime`. Without it 64 for each processor, and at "
        + "least 128.")
        ?? Math.Max(128, 64 * Environment.ProcessorCount));

    private readonly long? _inFlightPerOrg = read.NumberOrNull("Http:InFlightPerOrg", 1, Many,
        "Requests of one org that read and are worked on at once while another org calls, and as many that change; alone it may have all. "
        + "Without it half of them.");

    private readonly long? _inFlightPerAccount = read.NumberOrNull("Http:InFlightPerAccount", 1, Many,
        "Requests of one account that read and are worked on at once, and as many that change. Without it half of them.");

    private readonly long? _inFlightPerKey = read.NumberOrNull("Http:InFlightPerKey", 1, Many,
        "Requests with one key that read and are worked on at once, and as many that change. Without it half of them.");

    public int InFlightPerOrg => (int)(_inFlightPerOrg ?? Half);

    public int InFlightPerAccount => (int)(_inFlightPerAccount ?? Half);

    public int InFlightPerKey => (int)(_inFlightPerKey ?? Half);

    private int Half => Math.Max(1, InFlightMax / 2);

    /// <summary>Lists that are read at once. The embedded store has twice as many readers, so that other reads find one.</summary>
    public int ListsMax { get; } = (int)(read.NumberOrNull("Http:ListsMax", 1, Many,
        "Lists that are read at once. Without it one for each processor, and at least 2.") ?? Math.Max(2, Environment.ProcessorCount));

    public int ListsPerOrg { get; } = (int)(read.NumberOrNull("Http:ListsPerOrg", 1, Many,
        "Lists of one org that are read at once while another org calls; alone it may have all. Without it one for every two processors, "
        + "and at least 1.") ?? Math.Max(1, Environment.ProcessorCount / 2));

    public int ImportsMax { get; } = (int)read.Number("Http:ImportsMax", 8, 1, Many, "Imports that run at once.");

    public int StreamsMax { get; } = (int)read.Number("Http:StreamsMax", 100, 1, Many, "Streams that are open at once.");

    public TimeSpan QueueTime { get; } = read.Duration("Http:QueueTime", "5s", "0s", "1m",
        "The time for which a request waits for its turn; then the answer is 429.");

    public TimeSpan StopTime { get; } = read.Duration("Http:StopTime", "5s", "0s", "10m",
        "The time that requests under way have to end when the server is told to stop; then their connections are closed.");
}
