using Simkeeper.Core.Commands;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Tests.Simulation;

/// <summary>Watches what the carrier sees of the server, against the budget it was promised. Asking how a sent change stands costs nothing.</summary>
internal sealed class CarrierBudget(CarrierLimits limits, Action<string> violated)
{
    private static readonly Sql Open = new("select id from operations where state = 'open'");
    private readonly Lock _lock = new();
    private readonly HashSet<Guid> _inFlight = [];
    private readonly Queue<DateTimeOffset> _lastSecond = new();

    /// <summary>A new process knows of the one before only what is stored; the budget is watched within each.</summary>
    public void NewLife()
    {
        lock (_lock)
        {
            _inFlight.Clear();
            _lastSecond.Clear();
        }
    }

    public async Task SentAsync(Database store, Guid operationId, DateTimeOffset now)
    {
        var open = await store.ReadAsync(session => session.ListAsync(Open, row => row.Id(0)));
        lock (_lock)
        {
            // What was withdrawn or has expired is waited for no more.
            _inFlight.IntersectWith(open);
            _inFlight.Add(operationId);
            if (_inFlight.Count > limits.InFlight)
                violated($"The carrier has {_inFlight.Count} changes in flight; it takes {limits.InFlight}.");
            while (_lastSecond.TryPeek(out var first) && (now - first >= TimeSpan.FromSeconds(1) || first > now))
                _lastSecond.Dequeue();
            _lastSecond.Enqueue(now);
            if (limits.CallsPerSecond > 0 && _lastSecond.Count > limits.CallsPerSecond)
                violated($"The carrier was called {_lastSecond.Count} times in the second to {now:O}; it takes {limits.CallsPerSecond}.");
        }
    }

    public void Answered(Guid operationId)
    {
        lock (_lock)
            _inFlight.Remove(operationId);
    }
}

/// <summary>A carrier under watch, as a mortal process uses it.</summary>
internal sealed class WatchedCarrier(ICarrier inner, Life life, CarrierBudget budget, Func<Database> store) : ICarrier
{
    public string Kind => inner.Kind;

    public async Task ApplyAsync(Sim sim, Operation operation, DateTimeOffset now, Func<CarrierAnswer, Task> answer)
    {
        await TakeTimeAsync();
        life.CrashPoint();
        if (!OperationSql.IsSent(operation))
            await budget.SentAsync(store(), operation.Id, now);
        await inner.ApplyAsync(sim, operation, now, async said =>
        {
            if (said is not CarrierAnswer.Pending)
                budget.Answered(operation.Id);
            await TakeTimeAsync();
            life.CrashPoint();
            await answer(said);
        });
    }

    /// <summary>Some calls take their time, so that whatever else happens to their SIM can come in between.</summary>
    private static Task TakeTimeAsync() => Random.Shared.Next(8) == 0 ? Task.Delay(Random.Shared.Next(1, 10)) : Task.CompletedTask;

    public Task<CarrierAnswer> RestrictDataAsync(Sim sim, DataRestriction restriction, DateTimeOffset now) =>
        inner.RestrictDataAsync(sim, restriction, now);

    public async Task<CarrierAnswer?> ReadBackAsync(Sim sim, Operation operation)
    {
        life.CrashPoint();
        var state = await inner.ReadBackAsync(sim, operation);
        life.CrashPoint();
        return state;
    }

    public async Task SendAsync(Sim sim, Command command, DateTimeOffset now, Func<CarrierAnswer, Task> answer)
    {
        life.CrashPoint();
        await inner.SendAsync(sim, command, now, async said =>
        {
            life.CrashPoint();
            await answer(said);
        });
    }
}
