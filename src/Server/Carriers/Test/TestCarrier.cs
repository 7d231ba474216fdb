using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Carriers.Test;

/// <summary>
/// A network that answers by itself, after a delay on the SIM clock. When a call comes again, its work is done, so nothing waits in memory.
/// The state in effect is stored, as in a real network.
/// </summary>
internal sealed class TestCarrier(TimeSpan delay, Database database, TimeProvider wall) : ICarrier
{
    public static readonly CarrierKind Kind = new("test", "answers by itself", entry =>
    {
        var delay = entry.Duration("Delay", "200ms", "0ms", "24h", "The time that a carrier of kind `test` takes to answer. SIM clock.");
        return parts => new TestCarrier(delay, parts.Database, parts.Wall);
    });

    string ICarrier.Kind => Kind.Name;

    public Capabilities Capabilities => Capabilities.Statuses | Capabilities.Reset | Capabilities.DataLimit | Capabilities.Commands;

    public CarrierHealth Health { get; } = new(true, wall.GetUtcNow());

    public bool AnswersLater => delay > TimeSpan.Zero;

    public void Start(ICarrierEvents events)
    {
    }

    public Task<CarrierAnswer> ApplyAsync(CarrierCall call, CancellationToken stop) => call.Wish.Match(
        status: wish => ChangeAsync(call, wish.Status.ToWire(), wish.Access, stop),
        reset: _ => ChangeAsync(call, "reset", null, stop),
        command: _ => Task.FromResult((CarrierAnswer?)Later(call) ?? new CarrierAnswer.Done()),
        data: wish => LimitDataAsync(call, wish.Access.Data, stop));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <param name="access">Null: the access stays the same.</param>
    private async Task<CarrierAnswer> ChangeAsync(CarrierCall call, string status, Access? access, CancellationToken stop)
    {
        var sim = call.Sim;
        if (call.Step == CallStep.ReadBack && call.Key == await database.ReadAsync(session =>
            session.OneAsync(TestNetworkSql.Operation, row => row.Id(0), sim.OrgId, sim.Id)))
            return new CarrierAnswer.Done();
        if (Later(call) is { } later)
            return later;
        call.Sending(stop);
        await database.WriteAsync(async session =>
        {
            var isNewest = await session.ExecuteAsync(TestNetworkSql.Write, sim.OrgId, sim.Id, status, call.Key) > 0;
            // While the SIM is out of service, the restriction of its data does not matter.
            if (isNewest && access is { } given && given != Access.None)
                await WriteDataAsync(session, sim, given.Data);
        });
        return new CarrierAnswer.Done();
    }

    private async Task<CarrierAnswer> LimitDataAsync(CarrierCall call, DataRestriction restriction, CancellationToken stop)
    {
        call.Sending(stop);
        await database.WriteAsync(session => WriteDataAsync(session, call.Sim, restriction));
        return new CarrierAnswer.Done();
    }

    /// <summary>Writes the restriction. A SIM whose data was never restricted has no row.</summary>
    private static ValueTask WriteDataAsync(Session session, Sim sim, DataRestriction restriction) => restriction == DataRestriction.Open
        ? session.LaterAsync(TestNetworkSql.OpenData, $"{restriction}", sim.OrgId, sim.Id)
        : session.LaterAsync(TestNetworkSql.RestrictData, sim.OrgId, sim.Id, $"{restriction}");

    /// <summary>The answer to a call that is too early; null: it is not too early.</summary>
    private CarrierAnswer.Pending? Later(CarrierCall call) =>
        call.Step != CallStep.Poll && AnswersLater ? new CarrierAnswer.Pending(call.Now + delay) : null;
}
