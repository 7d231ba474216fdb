using System.Collections.Concurrent;
using System.Text.Json;
using Simkeeper.Server.Carriers.Manual;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Carriers;

/// <summary>The carriers by id. A carrier without an entry in the settings is manual and has no budget.</summary>
internal sealed class CarrierList : IAsyncDisposable
{
    /// <summary>The start of the names of the installation's values that hold limits; the carrier's id follows.</summary>
    public const string LimitsOf = "carrier ";

    private readonly Signals _signals;
    private readonly SemaphoreSlim _one = new(1);
    private readonly ConcurrentDictionary<string, Carrier> _carriers = new(StringComparer.Ordinal);
    private readonly Carrier _unconnected;

    /// <param name="settings">The carriers' names, kinds and limits.</param>
    /// <param name="faults">A sandbox's faults; null outside a sandbox.</param>
    /// <param name="seam">Takes each carrier, and returns the one to use instead.</param>
    /// <param name="signals">Tells other servers of new limits.</param>
    public CarrierList(
        CarrierSettings settings, CarrierParts parts, Faults? faults, Func<ICarrier, ICarrier> seam, SimClock clock, Signals signals,
        ILogger log)
    {
        _signals = signals;
        foreach (var one in settings.All)
        {
            var adapter = one.Make(parts);
            var faulty = faults is null ? null : new FaultyCarrier(one.Id, adapter, faults);
            _carriers[one.Id] = new Carrier(
                one.Id, seam(faulty ?? adapter), faulty, new Governor(one.Limits, clock), one.Timeout, clock, log);
        }
        _unconnected = new Carrier("", new ManualCarrier(parts.Wall), null, new Governor(new CarrierLimits(0, int.MaxValue), clock),
            TimeSpan.FromSeconds(3), clock, log);
    }

    /// <summary>The ids that have an entry, and the default <c>test</c>.</summary>
    public IEnumerable<string> Ids => _carriers.Keys.Order(StringComparer.Ordinal);

    public Carrier this[string id] => _carriers.GetValueOrDefault(id, _unconnected);

    public bool Has(string id) => _carriers.ContainsKey(id);

    /// <summary>The budget that jobs of this carrier's operations need: its own, or none.</summary>
    public string Budget(string id) => Has(id) ? id : "";

    /// <summary>Starts the connection of every adapter.</summary>
    public void Start(ICarrierEvents events)
    {
        foreach (var carrier in _carriers.Values)
            carrier.Adapter.Start(events);
    }

    /// <summary>Reads the limits that an operator has set.</summary>
    public async Task LoadLimitsAsync(Database database)
    {
        await _one.WaitAsync();
        try
        {
            foreach (var (id, carrier) in _carriers)
            {
                if (await Installation.LoadAsync(database, LimitsOf + id) is { } stored)
                    carrier.Governor.Limits = JsonSerializer.Deserialize(stored, CarrierJson.Default.CarrierLimits)!;
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Sets a carrier's limits; they hold from the next change on.</summary>
    public async Task SetLimitsAsync(Database database, string id, CarrierLimits limits)
    {
        await _one.WaitAsync();
        try
        {
            await Installation.StoreAsync(database, LimitsOf + id, JsonSerializer.Serialize(limits, CarrierJson.Default.CarrierLimits));
            this[id].Governor.Limits = limits;
        }
        finally
        {
            _one.Release();
        }
        _signals.Tell(Signals.Installation);
    }

    /// <summary>Ends the connections of every adapter.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var carrier in _carriers.Values)
            await carrier.Adapter.DisposeAsync();
        _one.Dispose();
    }
}
