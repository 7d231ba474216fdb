using Simkeeper.Core.Sims;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>
/// Hears of changes of SIMs, each inside the transaction that saves it, and may add rows to it. Features and dialects register theirs. What
/// a follower throws takes the change back.
/// </summary>
internal interface ISimFollower
{
    /// <summary>
    /// The rows that it wants read together with a SIM that is to be changed, <c>s</c>, so that they cost no look-up of their own; null:
    /// none. At most one follower has any.
    /// </summary>
    Joined? ReadsAlong => null;

    /// <summary>Hears of a change that has just been saved, or of a deletion.</summary>
    ValueTask ChangedAsync(Session session, SimChange change);

    /// <summary>Hears of SIMs that have just been created together.</summary>
    ValueTask CreatedAsync(Session session, SimsCreated created) => ValueTask.CompletedTask;
}

/// <summary>A change of one SIM.</summary>
/// <param name="After">The SIM afterwards; null: it was deleted.</param>
/// <param name="EventId">The id of the event; null: nothing happened that counts as a change.</param>
/// <param name="Now">SIM clock.</param>
/// <param name="Wake">Takes the lanes to wake after the commit.</param>
/// <param name="ReadAlong">The rows of <see cref="ISimFollower.ReadsAlong"/>; null: they were not read.</param>
/// <param name="Kept">Takes the bytes of the messages that a follower writes.</param>
internal sealed record SimChange(
    Sim Before, Sim? After, Decision Decision, Guid? EventId, DateTimeOffset Now, HashSet<Lane> Wake, IReadOnlyList<object>? ReadAlong,
    Tally Kept);

/// <summary>SIMs that were created in one transaction, all in one account.</summary>
/// <param name="Sims">At least one.</param>
/// <param name="Now">SIM clock.</param>
/// <param name="Wake">Takes the lanes to wake after the commit.</param>
internal sealed record SimsCreated(Guid OrgId, Guid AccountId, IReadOnlyList<Sim> Sims, DateTimeOffset Now, HashSet<Lane> Wake);
