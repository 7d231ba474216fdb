using Simkeeper.Core.Operations;

namespace Simkeeper.Server.Carriers.Manual;

/// <summary>
/// A network that is not connected. An operation waits for a person to force its end, and a Command for its deadline. A data limit is in
/// effect at once: the person who runs the network sees the event.
/// </summary>
internal sealed class ManualCarrier(TimeProvider wall) : ICarrier
{
    public static readonly CarrierKind Kind = new(
        "manual", "waits for a person to end each operation", _ => parts => new ManualCarrier(parts.Wall));

    private static readonly Task<CarrierAnswer>
        Waits = Task.FromResult<CarrierAnswer>(new CarrierAnswer.Pending(null)),
        Done = Task.FromResult<CarrierAnswer>(new CarrierAnswer.Done());

    string ICarrier.Kind => Kind.Name;

    public Capabilities Capabilities => Capabilities.Statuses | Capabilities.Reset | Capabilities.DataLimit | Capabilities.Commands;

    public CarrierHealth Health { get; } = new(true, wall.GetUtcNow());

    public void Start(ICarrierEvents events)
    {
    }

    public Task<CarrierAnswer> ApplyAsync(CarrierCall call, CancellationToken stop) =>
        call.Wish.Match(status: _ => Waits, reset: _ => Waits, command: _ => Waits, data: _ => Done);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
