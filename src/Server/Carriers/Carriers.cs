using System.Collections.Concurrent;
using System.Text.Json;
using Simkeeper.Core.Commands;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Carriers;

/// <summary>
/// An upstream network behind an adapter. The operation's id is the idempotency key: asked twice, it acts once. Answers come through
/// <c>answer</c>, mostly once, but networks have been seen to answer twice.
/// </summary>
internal interface ICarrier
{
    /// <summary>The kind of its entry in the settings.</summary>
    string Kind { get; }

    /// <summary>Makes the change, or says how it stands.</summary>
    /// <param name="sim">The SIM as it is.</param>
    /// <param name="operation">What is wanted.</param>
    /// <param name="now">SIM-clock time.</param>
    /// <param name="answer">Takes the answer.</param>
    Task ApplyAsync(Sim sim, Operation operation, DateTimeOffset now, Func<CarrierAnswer, Task> answer);

    /// <summary>After a lost answer: reads the real state back. Null: the change is not in effect.</summary>
    Task<CarrierAnswer?> ReadBackAsync(Sim sim, Operation operation);

    /// <summary>
    /// Sends a Command to the SIM's device; one that is <c>sent</c> is only asked after. <see cref="CarrierAnswer.Pending"/> with a time
    /// says that the carrier has taken it, <see cref="CarrierAnswer.Done"/> that the device has it.
    /// </summary>
    /// <param name="command">Its id is the idempotency key, its <c>Message</c> what the device is to get.</param>
    /// <param name="now">SIM-clock time.</param>
    /// <param name="answer">Takes the answer.</param>
    Task SendAsync(Sim sim, Command command, DateTimeOffset now, Func<CarrierAnswer, Task> answer);

    /// <summary>Makes this what is restricted of the SIM's data, whatever was before. Anything but Done is tried again.</summary>
    Task<CarrierAnswer> RestrictDataAsync(Sim sim, DataRestriction restriction, DateTimeOffset now);
}

/// <summary>A network that nobody has connected: an operation waits for a person to force its end.</summary>
internal sealed class ManualCarrier : ICarrier
{
    public string Kind => "manual";

    public Task ApplyAsync(Sim sim, Operation operation, DateTimeOffset now, Func<CarrierAnswer, Task> answer) =>
        answer(new CarrierAnswer.Pending(null));

    public Task<CarrierAnswer?> ReadBackAsync(Sim sim, Operation operation) => Task.FromResult<CarrierAnswer?>(null);

    /// <summary>Nobody can send it: it waits until its deadline.</summary>
    public Task SendAsync(Sim sim, Command command, DateTimeOffset now, Func<CarrierAnswer, Task> answer) =>
        answer(new CarrierAnswer.Pending(null));

    /// <summary>There is nobody to wait for: whoever runs the network sees the event.</summary>
    public Task<CarrierAnswer> RestrictDataAsync(Sim sim, DataRestriction restriction, DateTimeOffset now) =>
        Task.FromResult<CarrierAnswer>(new CarrierAnswer.Done());
}

/// <summary>The carriers by id, each with its governor; one without an entry in the settings is manual and has no budget.</summary>
internal sealed class CarrierList : IDisposable
{
    /// <summary>The installation's values that hold the limits: this and the carrier's id.</summary>
    public const string LimitsOf = "carrier ";

    private readonly Signals _signals;
    private readonly SemaphoreSlim _one = new(1);
    private readonly ConcurrentDictionary<string, (ICarrier Carrier, Governor Governor)> _carriers = new(StringComparer.Ordinal);
    private readonly (ICarrier Carrier, Governor Governor) _unconnected = (new ManualCarrier(), new Governor(new(0, int.MaxValue)));

    /// <param name="settings">Name the carriers and their limits.</param>
    /// <param name="test">Makes a carrier of kind <c>test</c>.</param>
    /// <param name="signals">Tell other servers of new limits.</param>
    public CarrierList(CarrierSettings settings, Func<string, ICarrier> test, Signals signals)
    {
        _signals = signals;
        foreach (var id in settings.Ids.Append("test").Distinct())
            _carriers[id] = (settings.Kind(id) == "test" ? test(id) : new ManualCarrier(), new Governor(settings.Limits(id)));
    }

    public void Dispose() => _one.Dispose();

    /// <summary>Takes up the limits that an operator has set.</summary>
    public async Task LoadLimitsAsync(Database database)
    {
        await _one.WaitAsync();
        try
        {
            foreach (var (id, (_, governor)) in _carriers)
            {
                if (await Installation.LoadAsync(database, LimitsOf + id) is { } stored)
                    governor.Limits = JsonSerializer.Deserialize(stored, CarrierJson.Default.CarrierLimits)!;
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Sets a carrier's limits, from the next change on.</summary>
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

    /// <summary>The ids that have an entry, and the default <c>test</c>.</summary>
    public IEnumerable<string> Ids => _carriers.Keys.Order(StringComparer.Ordinal);

    public (ICarrier Carrier, Governor Governor) this[string id] => _carriers.GetValueOrDefault(id, _unconnected);

    public bool Has(string id) => _carriers.ContainsKey(id);

    /// <summary>Whose budget the jobs of this carrier's operations need: its own, or nobody's.</summary>
    public string Budget(string id) => Has(id) ? id : "";
}
