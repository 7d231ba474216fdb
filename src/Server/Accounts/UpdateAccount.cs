using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>Renames an account, suspends it, makes it active again or closes it (docs/accounts.md), in one transaction.</summary>
internal sealed class UpdateAccount(
    Database database, Credentials credentials, JobQueue jobs, SimClock clock, IdGenerator ids, IEnumerable<IAccountFollower> followers)
{
    /// <param name="name">Null: as it is.</param>
    /// <param name="status">Null: as it is.</param>
    public async Task<Result<Account>> RunAsync(Guid orgId, Guid id, string? name, AccountStatus? status)
    {
        var changed = await database.WriteAsync<Result<(Account Before, Account After)>>(async session =>
        {
            if (await session.OneAsync(AccountSql.Hold, AccountTable.Rows.Read, orgId, id) is not { } account)
                return new Error(ErrorCode.NotFound, "The account does not exist.");
            var after = account with { Name = name ?? account.Name, Status = status ?? account.Status };
            if (after == account)
                return (account, account);
            after = after with { UpdatedAt = clock.Now };
            if (after.Status != account.Status && await RefuseAsync(session, account, after.Status) is { } refused)
                return refused;
            if (after.Status == AccountStatus.Suspended && account.Status == AccountStatus.Active)
                after = after with { SuspendedAfter = ids.Next(clock.Now) };
            if (await session.ExecuteAsync(
                AccountSql.Update, [.. AccountTable.Rows.UpdateValues(after), account.Status.ToWire()]) == 0)
                return new Error(ErrorCode.Conflict, "Another request changes the account right now. Send it again.");
            if (after.Status == account.Status)
                return (account, after);
            await Credentials.RevokedAsync(session);
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
        return wanted == AccountStatus.Closed && await session.AnyAsync(AccountSql.SimInUse, account.OrgId, account.Id)
            ? new Error(ErrorCode.StateForbids,
                "The account has SIMs that are neither new nor canceled. Deactivate them and wait until they are canceled; then close it.")
            : null;
    }
}
