namespace Simkeeper.Server.Carriers;

/// <summary>A way in which a sandbox's carrier behaves badly.</summary>
internal enum FaultKind
{
    /// <summary>It takes no changes.</summary>
    Down,

    /// <summary>It answers late.</summary>
    Slow,

    /// <summary>It refuses.</summary>
    Refuse,

    /// <summary>It makes the change, but its answer is lost.</summary>
    Lost,

    /// <summary>It answers twice.</summary>
    Twice,
}

/// <summary>A fault of the sandbox.</summary>
/// <param name="From">The moment at which it was put in force. SIM clock.</param>
/// <param name="Until">The end of the fault. SIM clock; null: it holds until cleared.</param>
/// <param name="Count">The number of calls that it hits; null: all.</param>
/// <param name="Code">The code of a refusal.</param>
/// <param name="Delay">The time after which a slow answer comes.</param>
/// <param name="Seed">Hits about every other call, by a chance that this seed repeats; null: every call.</param>
internal sealed record Fault(
    Guid Id, string? Name, string Carrier, FaultKind Kind, DateTimeOffset From, DateTimeOffset? Until, int? Count, int? Code,
    TimeSpan? Delay, int? Seed);
