using System.Diagnostics.Metrics;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Deliveries;

/// <summary>Reports how many connections to receivers are open, and how many look-ups of names are under way.</summary>
internal sealed class OutgoingGauges : IDisposable
{
    private readonly Meter _meter = new(Measured.Name);

    public OutgoingGauges(ReceiverConnections connections, NameLookups names)
    {
        _meter.CreateObservableGauge("simkeeper.delivery.connections", () => connections.Open, "{connection}",
            "Connections to receivers that are open or are being opened.");
        _meter.CreateObservableGauge("simkeeper.delivery.lookups", () => names.UnderWay, "{lookup}",
            "Look-ups of receivers' names that are under way.");
    }

    public void Dispose() => _meter.Dispose();
}
