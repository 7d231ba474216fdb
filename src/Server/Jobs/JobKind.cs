using Simkeeper.Core;

namespace Simkeeper.Server.Jobs;

/// <summary>The kind of a job; its subject is the operation, delivery, SIM or Command of that id.</summary>
internal enum JobKind
{
    Operation,
    Delivery,
    Timer,
    Command,
    DataLimit,
}

/// <summary>The words of <see cref="JobKind"/>, as stored.</summary>
internal static class JobKindNames
{
    public static readonly Words<JobKind> Words = new(ToWire);

    public static string ToWire(this JobKind kind) => kind switch
    {
        JobKind.Operation => "operation",
        JobKind.Delivery => "delivery",
        JobKind.Timer => "timer",
        JobKind.Command => "command",
        JobKind.DataLimit => "data limit",
    };
}
