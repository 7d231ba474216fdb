using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>Renames an account, suspends it, makes it active again or closes it: all that docs/accounts.md says, in one transaction.</summary>
internal sealed class UpdateAccount(
    Database database, Credentials credentials, JobQueue jobs, SimClock clock, IdGenerator ids, IEnumerable<IAccountFollower> followers)
{
    /// <summary>Two probes of an index each: an account may have a million SIMs of which none is in use.</summary>
    private static readonly Sql SimInUse = new("""
        select * from (select 1 from sims where org_id = @org_id and account_id = @account_id
          and status in ('ready', 'active', 'suspended', 'deactivated') limit 1) settled
        union all
        select * from (select 1 from sims where org_id = @org_id and account_id = @account_id
          and status = 'new' and shown in ('updating', 'scheduled') limit 1) moving
        """);

    /// <param name="name">Null: as it is.</param>
    /// <param name="status">Null: as it is.</param>
    public async Task<Result<Account>> RunAsync(Guid orgId, Guid id, string? name, AccountStatus? status)
    {
        var changed = await database.WriteAsync<Result<(Account Before, Account After)>>(async session =>
        {
            if (await session.OneAsync(AccountSql.Hold, AccountSql.Read, orgId, id) is not { } account)
                return new Error(ErrorCode.NotFound, "The account does not exist.");
            var after = account with { Name = name ?? account.Name, Status = status ?? account.Status };
            if (after == account)
                return (account, account);
            after = after with { UpdatedAt = clock.Now };
            if (after.Status != account.Status && await RefuseAsync(session, account, after.Status) is { } refused)
                return refused;
            if (await session.ExecuteAsync(AccountSql.Update, after.Name, AccountSql.Name(after.Status), after.UpdatedAt, orgId, id,
                    AccountSql.Name(account.Status)) == 0)
                return new Error(ErrorCode.Conflict, "Another request changes the account right now. Send it again.");
            if (after.Status == account.Status)
                return (account, after);
            await Credentials.RevokedAsync(session);
            if (after.Status == AccountStatus.Suspended && account.Status == AccountStatus.Active)
                await session.ExecuteAsync(AccountSql.Suspend, ids.Next(clock.Now), orgId, id);
            foreach (var follower in followers)
                await follower.ChangedAsync(session, account, after, clock.Now);
            return (account, after);
        });
        if (changed.Error is { } error)
            return error;
        var (before, now) = changed.Value;
        if (before.Status != now.Status)
        {
            credentials.Forget();
            jobs.Wake(Lane.Polls);
        }
        return now;
    }

    private static async ValueTask<Error?> RefuseAsync(Session session, Account account, AccountStatus wanted)
    {
        if (account.ParentId is null)
            return new Error(ErrorCode.StateForbids, "The master account cannot be suspended or closed; only a subaccount can.");
        if (account.Status == AccountStatus.Closed)
            return new Error(ErrorCode.StateForbids, "A closed account stays closed.");
        return wanted == AccountStatus.Closed && await session.AnyAsync(SimInUse, account.OrgId, account.Id)
            ? new Error(ErrorCode.StateForbids,
                "The account has SIMs that are neither new nor canceled. Deactivate them and wait until they are canceled; then close it.")
            : null;
    }
}
