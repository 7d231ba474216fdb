using Simkeeper.Server.Accounts;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operations;

/// <summary>
/// Ends the open operations of a suspended account: each is looked at now, and an answer that is under way comes too late.
/// </summary>
internal sealed class SuspensionFollower : IAccountFollower
{
    public async ValueTask ChangedAsync(Session session, Account before, Account after, DateTimeOffset now)
    {
        if (after.Status != AccountStatus.Suspended || before.Status != AccountStatus.Active)
            return;
        await session.ExecuteAsync(OperationSql.Overtake, after.OrgId, after.Id);
        await session.ExecuteAsync(OperationSql.LookNow, (long)Lane.Polls, now, after.OrgId, after.Id);
    }
}
