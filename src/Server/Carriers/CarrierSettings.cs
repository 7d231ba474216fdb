using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Carriers;

/// <summary>Settings of carriers, by the id that the user gives to each.</summary>
internal sealed class CarrierSettings
{
    private readonly Settings _read;

    /// <exception cref="StartException">An entry is wrong.</exception>
    public CarrierSettings(Settings read)
    {
        _read = read;
        read.Describe("Carriers:{id}:Kind", "`test` for the id `test`, else `manual`",
            "`test` answers by itself; with `manual` an operation waits for a person.");
        read.Describe("Carriers:{id}:Delay", "200ms", "How long a carrier of kind `test` takes to answer. SIM clock.");
        read.Describe("Carriers:{id}:CallsPerSecond", $"{CarrierLimits.Default.CallsPerSecond}",
            "Changes a second that a carrier may be asked for; 0: no limit. SIM clock.");
        read.Describe("Carriers:{id}:InFlight", $"{CarrierLimits.Default.InFlight}", "Changes sent to a carrier and not yet answered.");
        Ids = read.NamesIn("Carriers");
        foreach (var id in Ids)
            _ = (Kind(id), Delay(id), Limits(id));
    }

    /// <summary>The carriers that have an entry of their own.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>The kind of a carrier: <c>test</c> or <c>manual</c>.</summary>
    public string Kind(string id) => _read.OneOf($"Carriers:{id}:Kind", id == "test" ? "test" : "manual", null, "test", "manual");

    /// <summary>How long a carrier of kind test takes to answer.</summary>
    public TimeSpan Delay(string id) => _read.Duration($"Carriers:{id}:Delay", "200ms", "0ms", "24h", null);

    /// <summary>The limits of a carrier, unless an operator has set others.</summary>
    public CarrierLimits Limits(string id) => new(
        (int)_read.Number($"Carriers:{id}:CallsPerSecond", CarrierLimits.Default.CallsPerSecond, 0, CarrierLimits.CallsPerSecondMax, null),
        (int)_read.Number($"Carriers:{id}:InFlight", CarrierLimits.Default.InFlight, 1, CarrierLimits.InFlightMax, null));
}
