using Simkeeper.Core.Operations;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Tests.Simulation;

/// <summary>
/// Watches what the carrier sees of the server, against the budget it was promised. Asking how a sent change stands costs nothing.
/// </summary>
/// <param name="isExact">False once a failure has kept an answer from being stored: what is in flight is then not known.</param>
internal sealed class CarrierBudget(CarrierLimits limits, Func<bool> isExact, Action<string> violated)
{
    /// <summary>Of an operation whose outcome is not known, nobody can say if it is in flight.</summary>
    private static readonly Sql Open = new("select id from operations where state = 'open' and uncertain = 0");
    private readonly Lock _lock = new();
    private readonly HashSet<Guid> _inFlight = [];
    private readonly Queue<DateTimeOffset> _lastSecond = new();
    private int _era, _lifeBegan;

    /// <summary>Changes when a new process begins and when the clock is set. A call belongs to the era in which it began.</summary>
    public int Era => Volatile.Read(ref _era);

    /// <summary>A new process knows of the one before only what is stored; the budget is watched within each.</summary>
    public void NewLife()
    {
        lock (_lock)
        {
            _inFlight.Clear();
            _lastSecond.Clear();
            _lifeBegan = ++_era;
        }
    }

    /// <summary>Forgets when it was called, since the clock is being set.</summary>
    public void ClockSet()
    {
        lock (_lock)
        {
            _lastSecond.Clear();
            _era++;
        }
    }

    public async Task SentAsync(Database store, Guid operationId, DateTimeOffset now, int era)
    {
        var open = await store.ReadAsync(session => session.ListAsync(Open, row => row.Id(0)));
        lock (_lock)
        {
            if (era < _lifeBegan)
                return;
            // What was withdrawn or has expired is waited for no more.
            _inFlight.IntersectWith(open);
            _inFlight.Add(operationId);
            if (_inFlight.Count > limits.InFlight && isExact())
                violated($"The carrier has {_inFlight.Count} changes in flight; it takes {limits.InFlight}.");
            if (era != _era)
                return;
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

/// <summary>The exception that no code expects.</summary>
internal sealed class PoisonException() : Exception("Nobody has thought of this.");

/// <summary>A carrier under watch, as a mortal process uses it.</summary>
/// <param name="poison">Throws at times what nobody expects.</param>
internal sealed class WatchedCarrier(ICarrier inner, Life life, CarrierBudget budget, Func<Database> store, Action poison) : ICarrier
{
    public string Kind => inner.Kind;

    public Capabilities Capabilities => inner.Capabilities;

    public CarrierHealth Health => inner.Health;

    public void Start(ICarrierEvents events) => inner.Start(events);

    public async Task<CarrierAnswer> ApplyAsync(CarrierCall call, CancellationToken stop)
    {
        var era = budget.Era;
        var isChange = call.Wish.Match(status: _ => true, reset: _ => true, command: _ => false, data: _ => false);
        if (isChange)
            await TakeTimeAsync();
        life.CrashPoint();
        if (isChange && call.Step != CallStep.Poll)
            await budget.SentAsync(store(), call.Key, call.Now, era);
        try
        {
            poison();
            var said = await inner.ApplyAsync(call, stop);
            if (isChange)
                await TakeTimeAsync();
            life.CrashPoint();
            poison();
            if (isChange && said is not CarrierAnswer.Pending)
                budget.Answered(call.Key);
            return said;
        }
        catch (Exception e) when (e is not ProcessDiedException)
        {
            // As with an answer that was lost, nobody can know if it is in flight.
            budget.Answered(call.Key);
            throw;
        }
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    /// <summary>Some calls take their time, so that whatever else happens to their SIM can come in between.</summary>
    private static Task TakeTimeAsync() => Random.Shared.Next(8) == 0 ? Task.Delay(Random.Shared.Next(1, 10)) : Task.CompletedTask;
}
