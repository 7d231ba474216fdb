using System.Text.Json;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Carriers;

/// <summary>The faults in force. Stored, so that a restart in the middle of an outage finds it still there.</summary>
internal sealed class Faults(Database database, Signals signals) : IAsyncDisposable
{
    public const int Max = 100;

    /// <summary>The installation's value that holds them.</summary>
    public const string Name = "faults";

    private readonly Lock _lock = new();
    private readonly List<Active> _active = [];
    private readonly HashSet<Guid> _over = [];
    private readonly SemaphoreSlim _one = new(1);

    public IReadOnlyList<Fault> All
    {
        get
        {
            lock (_lock)
                return [.. _active.Select(active => active.Fault with { Until = active.Until, Count = active.Left })];
        }
    }

    public ValueTask DisposeAsync()
    {
        _one.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads the stored faults. A fault that is known already keeps its count.</summary>
    public async Task LoadAsync()
    {
        await _one.WaitAsync();
        try
        {
            TakeUp(Read(await Installation.LoadAsync(database, Name)));
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Puts a fault in force. False if there are too many.</summary>
    public Task<bool> AddAsync(Fault fault) => ChangeAsync(all => all.Count < Max ? [.. all, fault] : null);

    public Task ClearAsync() => ChangeAsync(_ => []);

    /// <summary>The fault of this kind that hits the call being made now, or null. A hit is counted.</summary>
    public Fault? Find(string carrier, FaultKind kind, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_active.Count == 0)
                return null;
            foreach (var over in _active.Where(active => active.IsOver(now)).ToList())
            {
                _active.Remove(over);
                _over.Add(over.Fault.Id);
            }
            return _active.Find(active => active.Fault.Carrier == carrier && active.Fault.Kind == kind && active.Hits())?.Fault;
        }
    }

    private async Task<bool> ChangeAsync(Func<List<Fault>, List<Fault>?> change)
    {
        await _one.WaitAsync();
        try
        {
            List<Fault>? changed = null;
            await Installation.ChangeAsync(database, Name, stored =>
            {
                changed = change(Counted(Read(stored)));
                return changed is null ? null : JsonSerializer.Serialize(changed, CarrierJson.Default.ListFault);
            });
            if (changed is null)
                return false;
            TakeUp(changed);
            signals.Tell(Signals.Installation);
            return true;
        }
        finally
        {
            _one.Release();
        }
    }

    private static List<Fault> Read(string? stored) => JsonSerializer.Deserialize(stored ?? "[]", CarrierJson.Default.ListFault)!;

    /// <summary>The stored faults in their present state: with the hits that are left, and without those that are over.</summary>
    private List<Fault> Counted(List<Fault> stored)
    {
        lock (_lock)
        {
            return [.. stored.Where(fault => !_over.Contains(fault.Id))
                .Select(fault => _active.Find(active => active.Fault.Id == fault.Id) is { } known
                    ? fault with { Count = known.Left }
                    : fault)];
        }
    }

    private void TakeUp(List<Fault> faults)
    {
        lock (_lock)
        {
            var known = _active.ToDictionary(active => active.Fault.Id);
            _active.Clear();
            _active.AddRange(faults.Where(fault => !_over.Contains(fault.Id))
                .Select(fault => known.GetValueOrDefault(fault.Id) ?? new Active(fault)));
        }
    }

    private sealed class Active(Fault fault)
    {
        private readonly Random? _chance = fault.Seed is { } seed ? new Random(seed) : null;
        private DateTimeOffset _from = fault.From;

        public Fault Fault => fault;

        public int? Left { get; private set; } = fault.Count;

        public DateTimeOffset? Until { get; private set; } = fault.Until;

        public bool IsOver(DateTimeOffset now)
        {
            if (_from > now)
            {
                // The clock was set back: the fault lasts as long as was asked for, from now on.
                Until -= _from - now;
                _from = now;
            }
            return Until <= now || Left == 0;
        }

        public bool Hits()
        {
            if (_chance is not null && _chance.Next(2) == 0)
                return false;
            Left--;
            return true;
        }
    }
}
