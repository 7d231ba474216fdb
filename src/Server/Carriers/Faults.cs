using System.Text.Json;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Carriers;

/// <summary>How a carrier of kind test behaves badly.</summary>
internal enum FaultKind
{
    /// <summary>Takes no changes.</summary>
    Down,

    /// <summary>Answers late.</summary>
    Slow,

    /// <summary>Refuses.</summary>
    Refuse,

    /// <summary>Makes the change; its answer is lost.</summary>
    Lost,

    /// <summary>Answers twice.</summary>
    Twice,
}

/// <summary>A fault of the sandbox.</summary>
/// <param name="Until">SIM clock; null: until cleared.</param>
/// <param name="Count">How many calls it hits; null: all.</param>
/// <param name="Code">The code of a refusal.</param>
/// <param name="Delay">How late a slow answer is.</param>
/// <param name="Seed">Hits every other call, by chance that this seed replays; null: every call.</param>
internal sealed record Fault(
    Guid Id, string? Name, string Carrier, FaultKind Kind, DateTimeOffset? Until, int? Count, int? Code, TimeSpan? Delay, int? Seed);

/// <summary>The faults in force. Stored, so that a restart in the middle of an outage finds it still there.</summary>
internal sealed class Faults(Database database)
{
    public const int Max = 100;
    private const string Name = "faults";

    private readonly Lock _lock = new();
    private readonly List<Active> _active = [];

    public IReadOnlyList<Fault> All
    {
        get
        {
            lock (_lock)
                return [.. _active.Select(active => active.Fault with { Count = active.Left })];
        }
    }

    public async Task LoadAsync()
    {
        var stored = await Installation.LoadAsync(database, Name);
        lock (_lock)
            _active.AddRange(JsonSerializer.Deserialize<List<Fault>>(stored ?? "[]")!.Select(fault => new Active(fault)));
    }

    /// <summary>Puts a fault in force. False when there are too many.</summary>
    public async Task<bool> AddAsync(Fault fault)
    {
        lock (_lock)
        {
            if (_active.Count >= Max)
                return false;
            _active.Add(new Active(fault));
        }
        await StoreAsync();
        return true;
    }

    public async Task ClearAsync()
    {
        lock (_lock)
            _active.Clear();
        await StoreAsync();
    }

    /// <summary>The fault of this kind that hits the call being made now, or null. A hit is counted.</summary>
    public Fault? Find(string carrier, FaultKind kind, DateTimeOffset now)
    {
        lock (_lock)
        {
            _active.RemoveAll(active => active.Fault.Until <= now || active.Left == 0);
            return _active.Find(active => active.Fault.Carrier == carrier && active.Fault.Kind == kind && active.Hits())?.Fault;
        }
    }

    private Task<int> StoreAsync() => Installation.StoreAsync(database, Name, JsonSerializer.Serialize(All));

    private sealed class Active(Fault fault)
    {
        private readonly Random? _chance = fault.Seed is { } seed ? new Random(seed) : null;

        public Fault Fault => fault;

        public int? Left { get; private set; } = fault.Count;

        public bool Hits()
        {
            if (_chance is not null && _chance.Next(2) == 0)
                return false;
            Left--;
            return true;
        }
    }
}
