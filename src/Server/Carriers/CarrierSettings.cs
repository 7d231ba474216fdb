using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Carriers;

/// <summary>The settings of carriers, by the id that the user gives to each.</summary>
internal sealed class CarrierSettings
{
    /// <summary>The id of the carrier that exists without an entry.</summary>
    private const string Test = "test";

    /// <param name="lease">The time that a job is held. A call that takes longer could be made twice at once.</param>
    /// <exception cref="StartException">An entry is wrong.</exception>
    public CarrierSettings(Settings read, TimeSpan lease)
    {
        var pattern = new CarrierEntry(read, CarrierEntry.Pattern);
        _ = (Kind(pattern), Limits(pattern), Timeout(pattern, lease));
        foreach (var kind in CarrierKind.All)
            _ = kind.Read(pattern);
        All = [.. read.NamesIn("Carriers").Append(Test).Distinct().Select(id => new CarrierEntry(read, id))
            .Select(entry => new OneCarrier(entry.Id, Limits(entry), Timeout(entry, lease), Kind(entry).Read(entry)))];
    }

    /// <summary>The carriers that have an entry, and the default <c>test</c>.</summary>
    public IReadOnlyList<OneCarrier> All { get; }

    private static CarrierKind Kind(CarrierEntry entry)
    {
        var name = entry.OneOf("Kind", entry.Id == Test ? "test" : "manual", "`test` for the id `test`, else `manual`",
            $"{string.Join("; ", CarrierKind.All.Select(kind => $"`{kind.Name}` {kind.Means}"))}.",
            [.. CarrierKind.All.Select(kind => kind.Name)]);
        return CarrierKind.All.Single(kind => kind.Name == name);
    }

    private static CarrierLimits Limits(CarrierEntry entry) => new(
        entry.Number("CallsPerSecond", CarrierLimits.Default.CallsPerSecond, 0, CarrierLimits.CallsPerSecondMax,
            "Changes a second that a carrier may be asked for; 0: no limit. SIM clock."),
        entry.Number("InFlight", CarrierLimits.Default.InFlight, 1, CarrierLimits.InFlightMax,
            "Changes sent to a carrier and not yet answered."));

    /// <summary>
    /// The default follows a short lease, so that a lease below the usual default does not keep the server from starting.
    /// </summary>
    private static TimeSpan Timeout(CarrierEntry entry, TimeSpan lease)
    {
        var shortened = lease <= TimeSpan.FromSeconds(3) && entry.Id != CarrierEntry.Pattern ? lease / 2 : (TimeSpan?)null;
        var timeout = entry.Duration("Timeout", shortened is { } half ? $"{half.TotalMilliseconds:F0}ms" : "3s", "10ms", "1h",
            "The most time of a call to a carrier. Less than `Jobs:Lease`; where that is 3s or less, half of it by default. Wall clock.");
        return timeout < lease || entry.Id == CarrierEntry.Pattern
            ? timeout
            : throw Settings.Wrong($"Carriers:{entry.Id}:Timeout", "is less than Jobs:Lease");
    }

    /// <summary>The settings of one carrier.</summary>
    /// <param name="Limits">Its budget, unless an operator has set another.</param>
    /// <param name="Timeout">The time that a call may take.</param>
    /// <param name="Make">Makes its adapter.</param>
    internal sealed record OneCarrier(string Id, CarrierLimits Limits, TimeSpan Timeout, Func<CarrierParts, ICarrier> Make);
}
