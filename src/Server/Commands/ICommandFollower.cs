using Simkeeper.Core.Commands;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Commands;

/// <summary>
/// Follows Commands that came from a device or have ended. It is called inside the transaction that saves each, and may add rows to it. An
/// exception from a follower undoes the change.
/// </summary>
internal interface ICommandFollower
{
    ValueTask ChangedAsync(Session session, CommandChange change);
}

/// <summary>A Command that came from a device, or one to a device that has ended.</summary>
/// <param name="Command">The Command after the change.</param>
/// <param name="Sim">Its SIM; null: it was deleted meanwhile.</param>
/// <param name="ErrorCode">The reason why it failed; null: it did not.</param>
/// <param name="ErrorMessage">The same reason in words, for a person.</param>
/// <param name="Wake">Takes the lanes that are to be woken after the commit.</param>
internal sealed record CommandChange(Command Command, Sim? Sim, int? ErrorCode, string? ErrorMessage, HashSet<Lane> Wake);
