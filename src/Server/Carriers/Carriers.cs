using System.Collections.Concurrent;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Carriers;

/// <summary>An upstream network behind an adapter. The operation's id is the idempotency key: asked twice, it acts once.</summary>
internal interface ICarrier
{
    /// <summary>The kind of its entry in the settings.</summary>
    string Kind { get; }

    /// <summary>Makes the change, or says how it stands.</summary>
    /// <param name="sim">The SIM as it is.</param>
    /// <param name="operation">What is wanted.</param>
    /// <param name="now">SIM-clock time.</param>
    Task<CarrierAnswer> ApplyAsync(Sim sim, Operation operation, DateTimeOffset now, CancellationToken stop);
}

/// <summary>Answers by itself, after a delay on the SIM clock. It keeps no state: how an operation stands follows from its age.</summary>
internal sealed class TestCarrier(TimeSpan delay) : ICarrier
{
    public string Kind => "test";

    public Task<CarrierAnswer> ApplyAsync(Sim sim, Operation operation, DateTimeOffset now, CancellationToken stop)
    {
        var answersAt = operation.CreatedAt + delay;
        return Task.FromResult<CarrierAnswer>(now < answersAt ? new CarrierAnswer.Pending(answersAt) : new CarrierAnswer.Done());
    }
}

/// <summary>A network that nobody has connected: an operation waits for a person to force its end.</summary>
internal sealed class ManualCarrier : ICarrier
{
    public string Kind => "manual";

    public Task<CarrierAnswer> ApplyAsync(Sim sim, Operation operation, DateTimeOffset now, CancellationToken stop) =>
        Task.FromResult<CarrierAnswer>(new CarrierAnswer.Pending(null));
}

/// <summary>The carriers by id; one without an entry in the settings is manual.</summary>
internal sealed class CarrierList(Settings settings)
{
    private readonly ConcurrentDictionary<string, ICarrier> _carriers = new(StringComparer.Ordinal);

    /// <summary>The ids that have an entry, and the default <c>test</c>.</summary>
    public IEnumerable<string> Ids => settings.CarrierIds.Append("test").Distinct().Order(StringComparer.Ordinal);

    public ICarrier this[string id] => _carriers.GetOrAdd(id, Create);

    private ICarrier Create(string id) => settings.CarrierKind(id) == "test" ? new TestCarrier(settings.CarrierDelay(id)) : new ManualCarrier();
}
