using System.Diagnostics.Metrics;

namespace Simkeeper.Server.Hosting;

/// <summary>Reports the open connections, the requests that are worked on, and those that were refused.</summary>
internal sealed class DoorGauges : IDisposable
{
    /// <summary>The name of the meter of the door.</summary>
    public const string Name = "simkeeper.door";

    private readonly Meter _meter = new(Name);

    public DoorGauges(Door door, Connections connections)
    {
        _meter.CreateObservableGauge("simkeeper.door.connections", () => connections.Count, "{connection}", "Open connections.");
        _meter.CreateObservableCounter("simkeeper.door.connections.refused", () => connections.Refused, "{connection}",
            "Connections closed because there were too many.");
        _meter.CreateObservableGauge("simkeeper.door.requests", () => Enum.GetValues<Work>().Select(work => new Measurement<int>(
            door.InFlight(work), new KeyValuePair<string, object?>("work", work.ToWire()))), "{request}",
            "Requests that are worked on, by kind.");
        _meter.CreateObservableCounter("simkeeper.door.requests.refused", () => door.Refused, "{request}",
            "Requests that were answered with 429 since a limit of the door was reached.");
    }

    public void Dispose() => _meter.Dispose();
}
