namespace Simkeeper.Server.Carriers;

/// <summary>The ways in which a governor answers a change that wants to go to its carrier.</summary>
internal enum EntryKind
{
    /// <summary>It may go. <see cref="Governor.Leave"/> follows its answer.</summary>
    Enter,

    /// <summary>The carrier is away.</summary>
    Away,

    /// <summary>The carrier's budget is used up, or another change is looking whether the carrier is back.</summary>
    NoRoom,
}

/// <summary>A governor's answer.</summary>
/// <param name="Again">The time at which the change may ask again. SIM clock.</param>
internal readonly record struct Entry(EntryKind Kind, DateTimeOffset Again = default);
