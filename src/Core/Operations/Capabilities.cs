namespace Simkeeper.Core.Operations;

/// <summary>The things that a carrier can do. A carrier is never asked for what it cannot do.</summary>
[Flags]
public enum Capabilities
{
    None = 0,

    /// <summary>Puts a SIM into service and out of it.</summary>
    Statuses = 1,

    /// <summary>Resets a SIM's connection.</summary>
    Reset = 2,

    /// <summary>Blocks or throttles a SIM's data.</summary>
    DataLimit = 4,

    /// <summary>Sends Commands.</summary>
    Commands = 8,

    /// <summary>Reports the state of eSIM profiles.</summary>
    EsimProfile = 16,

    /// <summary>Lists its SIMs.</summary>
    Inventory = 32,
}

/// <summary>The words for capabilities.</summary>
public static class CapabilityNames
{
    private static readonly (Capabilities One, string Word)[] All =
    [
        (Capabilities.Statuses, "statuses"), (Capabilities.Reset, "reset"), (Capabilities.DataLimit, "data limit"),
        (Capabilities.Commands, "commands"), (Capabilities.EsimProfile, "eSIM profile"), (Capabilities.Inventory, "inventory"),
    ];

    /// <summary>The word of each capability in a set, in the order of the members.</summary>
    public static IEnumerable<string> ToWire(this Capabilities capabilities) =>
        All.Where(name => capabilities.HasFlag(name.One)).Select(name => name.Word);
}
