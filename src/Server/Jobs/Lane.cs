using Simkeeper.Core;

namespace Simkeeper.Server.Jobs;

/// <summary>The order in which due work is taken, and which worker takes it. The store has the number.</summary>
internal enum Lane
{
    /// <summary>Blocking a SIM: suspend, deactivate.</summary>
    Urgent = 0,

    /// <summary>All other operations.</summary>
    Operations = 1,

    Deliveries = 2,

    Timers = 3,

    /// <summary>Operations that a carrier is working on: to ask again needs none of its budget.</summary>
    Polls = 4,

    /// <summary>Commands that are to be sent, checked for receipts, or removed.</summary>
    Commands = 5,

    /// <summary>Apply data limits; reset them monthly.</summary>
    DataLimits = 6,
}

/// <summary>The words of <see cref="Lane"/>, by which servers tell each other of new jobs, and by which metrics name it.</summary>
internal static class LaneNames
{
    public static readonly Words<Lane> Words = new(ToWire);

    public static string ToWire(this Lane lane) => lane switch
    {
        Lane.Urgent => "Urgent",
        Lane.Operations => "Operations",
        Lane.Deliveries => "Deliveries",
        Lane.Timers => "Timers",
        Lane.Polls => "Polls",
        Lane.Commands => "Commands",
        Lane.DataLimits => "DataLimits",
    };
}
