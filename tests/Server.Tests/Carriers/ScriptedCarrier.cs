using System.Collections.Concurrent;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Carriers;

namespace Simkeeper.Server.Tests.Carriers;

/// <summary>A carrier that answers as the test says. It keeps its calls, and gives the test the sink for what comes by itself.</summary>
internal sealed class ScriptedCarrier(Func<CarrierCall, CancellationToken, Task<CarrierAnswer>> answer) : ICarrier
{
    public static readonly CarrierAnswer Done = new CarrierAnswer.Done();

    public ScriptedCarrier(Func<CarrierCall, CarrierAnswer> answer)
        : this((call, _) => Task.FromResult(answer(call)))
    {
    }

    /// <summary>It stands in for every carrier that the settings name, and for <c>test</c>.</summary>
    public Seams Seams => Seams.None with { Carrier = _ => this };

    public string Kind => "scripted";

    public Capabilities Capabilities { get; init; } =
        Capabilities.Statuses | Capabilities.Reset | Capabilities.DataLimit | Capabilities.Commands;

    public CarrierHealth Health { get; set; } = new(true, DateTimeOffset.UnixEpoch);

    public ICarrierEvents Events { get; private set; } = null!;

    public ConcurrentQueue<CarrierCall> Calls { get; } = new();

    /// <summary>Each call in short: wish, step and attempt.</summary>
    public IEnumerable<string> Asked => Calls.Select(call => $"{Name(call.Wish)} {call.Step} {call.Attempt}");

    public void Start(ICarrierEvents events) => Events = events;

    public Task<CarrierAnswer> ApplyAsync(CarrierCall call, CancellationToken stop)
    {
        Calls.Enqueue(call);
        return answer(call, stop);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string Name(Wish of) =>
        of.Match(status: wish => $"{wish.Status}", reset: _ => "reset", command: _ => "command", data: _ => "data");
}
