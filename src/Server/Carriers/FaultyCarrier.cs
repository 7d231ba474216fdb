using Simkeeper.Core.Operations;

namespace Simkeeper.Server.Carriers;

/// <summary>
/// A carrier of a sandbox: any adapter, with the faults that are in force around it. The adapter knows nothing of them. A change that a
/// fault keeps from the adapter is made when it is polled: a poll with an unknown key is a first call.
/// </summary>
internal sealed class FaultyCarrier(string id, ICarrier inner, Faults faults) : ICarrier
{
    public string Kind => inner.Kind;

    public Capabilities Capabilities => inner.Capabilities;

    public CarrierHealth Health => inner.Health;

    public bool AnswersLater => inner.AnswersLater;

    public void Start(ICarrierEvents events) => inner.Start(events);

    public Task<CarrierAnswer> ApplyAsync(CarrierCall call, CancellationToken stop) => call.Wish.Match(
        status: _ => ChangeAsync(call, stop),
        reset: _ => ChangeAsync(call, stop),
        command: _ => SendAsync(call, stop),
        data: _ => LimitDataAsync(call, stop));

    /// <summary>Says if the carrier gives this answer twice.</summary>
    public bool AnswersTwice(CarrierCall call, CarrierAnswer answer) => answer is CarrierAnswer.Done && call.Wish.Match(
        status: _ => true, reset: _ => true, command: _ => true, data: _ => false) && Hit(FaultKind.Twice, call) is not null;

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async Task<CarrierAnswer> ChangeAsync(CarrierCall call, CancellationToken stop)
    {
        if (call.Step != CallStep.Poll && Hit(FaultKind.Down, call) is not null)
            return Away("changes");
        if (call.Step == CallStep.First && Slow(call) is { } slow)
            return slow;
        if (IsDecided(call) && Hit(FaultKind.Refuse, call) is { } refusal)
            return Refused(refusal, "change");
        var answer = await inner.ApplyAsync(call, stop);
        return IsDecided(call) && answer is CarrierAnswer.Done && Hit(FaultKind.Lost, call) is not null ? Lost : answer;
    }

    private async Task<CarrierAnswer> SendAsync(CarrierCall call, CancellationToken stop)
    {
        if (call.Step == CallStep.Poll)
            return await inner.ApplyAsync(call, stop);
        if (Hit(FaultKind.Down, call) is not null)
            return Away("Commands");
        if (Hit(FaultKind.Refuse, call) is { } refusal)
            return Refused(refusal, "Command");
        var answer = await inner.ApplyAsync(call, stop);
        if (answer is not (CarrierAnswer.Done or CarrierAnswer.Pending { Until: not null }))
            return answer;
        return Hit(FaultKind.Lost, call) is not null ? Lost : Slow(call) ?? answer;
    }

    private async Task<CarrierAnswer> LimitDataAsync(CarrierCall call, CancellationToken stop)
    {
        if (Hit(FaultKind.Down, call) is not null)
            return Away("changes");
        if (Hit(FaultKind.Refuse, call) is { } refusal)
            return Refused(refusal, "change");
        var answer = await inner.ApplyAsync(call, stop);
        return answer is CarrierAnswer.Done && Hit(FaultKind.Lost, call) is not null ? Lost : answer;
    }

    /// <summary>True if the carrier answers this call itself: it neither only takes it nor reads back an earlier change.</summary>
    private bool IsDecided(CarrierCall call) => call.Step switch
    {
        CallStep.First => !inner.AnswersLater,
        CallStep.Poll => true,
        CallStep.ReadBack => false,
    };

    private Fault? Hit(FaultKind kind, CarrierCall call) => faults.Find(id, kind, call.Now);

    private CarrierAnswer.Pending? Slow(CarrierCall call) =>
        Hit(FaultKind.Slow, call) is { Delay: { } delay } && delay > TimeSpan.Zero ? new CarrierAnswer.Pending(call.Now + delay) : null;

    private static CarrierAnswer.Unavailable Away(string what) => new($"The carrier takes no {what} at the moment.");

    private static CarrierAnswer.Refused Refused(Fault refusal, string what) => new(refusal.Code, $"The carrier refused the {what}.");

    private static CarrierAnswer.Unknown Lost => new("The carrier's answer was lost.");
}
