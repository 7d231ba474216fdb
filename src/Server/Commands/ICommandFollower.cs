using Simkeeper.Core.Commands;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Commands;

/// <summary>
/// Hears of Commands that came from a device or have ended, each inside the transaction that saves it, and may add rows to it. What a
/// follower throws takes the change back.
/// </summary>
internal interface ICommandFollower
{
    ValueTask ChangedAsync(Session session, CommandChange change);
}

/// <summary>A Command that came from a device, or one to a device that has ended.</summary>
/// <param name="Command">The Command now.</param>
/// <param name="Sim">Its SIM.</param>
/// <param name="ErrorCode">The reason why it failed; null: it did not.</param>
/// <param name="ErrorMessage">The same for a person.</param>
/// <param name="Wake">Takes the lanes to wake after the commit.</param>
internal sealed record CommandChange(Command Command, Sim Sim, int? ErrorCode, string? ErrorMessage, HashSet<Lane> Wake);
