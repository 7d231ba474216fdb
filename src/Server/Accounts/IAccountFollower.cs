using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>
/// Hears of accounts whose status changes, inside the transaction that saves it, and may add rows to it. What a follower throws takes the
/// change back.
/// </summary>
internal interface IAccountFollower
{
    /// <param name="now">SIM clock.</param>
    ValueTask ChangedAsync(Session session, Account before, Account after, DateTimeOffset now);
}
