namespace Simkeeper.Server.Carriers;

/// <summary>A way in which a sandbox's carrier behaves badly.</summary>
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
/// <param name="Count">The number of calls that it hits; null: all.</param>
/// <param name="Code">The code of a refusal.</param>
/// <param name="Delay">The time after which a slow answer comes.</param>
/// <param name="Seed">Hits every other call, by chance that this seed replays; null: every call.</param>
internal sealed record Fault(
    Guid Id, string? Name, string Carrier, FaultKind Kind, DateTimeOffset? Until, int? Count, int? Code, TimeSpan? Delay, int? Seed);
