using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>Rate plans: found by sid or unique name in the account that owns them, made, renamed and deleted.</summary>
internal sealed class RatePlans(Database database, AccountSettings accounts)
{
    /// <summary>A plan of this account.</summary>
    public static async ValueTask<RatePlan?> FindAsync(Session session, Guid orgId, Guid accountId, string key)
    {
        if (!Ids.TryParseSid("WP", key, out var id))
            return await session.OneAsync(RatePlanSql.ByUniqueName, RatePlanTable.Rows.Read, orgId, accountId, key);
        var plan = await session.OneAsync(RatePlanSql.ById, RatePlanTable.Rows.Read, orgId, id);
        return plan?.AccountId == accountId ? plan : null;
    }

    /// <summary>A plan that a SIM of this account is to get: until the transaction ends, nobody deletes it.</summary>
    public static async ValueTask<RatePlan?> HoldAsync(Session session, Guid orgId, Guid accountId, string key) =>
        await FindAsync(session, orgId, accountId, key) is { } plan
            ? await session.OneAsync(RatePlanSql.Hold, RatePlanTable.Rows.Read, orgId, plan.Id)
            : null;

    /// <summary>A plan as a caller reaches it: of its own account, or, by sid and as a master, of a subaccount.</summary>
    public static async ValueTask<RatePlan?> FindAsync(Session session, Caller caller, string key) =>
        caller.IsMaster && Ids.TryParseSid("WP", key, out var id)
            ? await session.OneAsync(RatePlanSql.ById, RatePlanTable.Rows.Read, caller.OrgId, id)
            : await FindAsync(session, caller.OrgId, caller.AccountId, key);

    /// <summary>A page of an account's plans, newest first.</summary>
    public static ValueTask<Page<RatePlan>> ListAsync(Session session, Guid orgId, Guid accountId, Guid? after, Guid? before, int limit) =>
        Page<RatePlan>.ReadAsync(after, before, limit, (cursor, newer, count) => session.ListAsync(
            RatePlanSql.OfAccount.Rows(newer), RatePlanTable.Rows.Read, orgId, accountId,
            newer ? cursor : Guid.Empty, newer ? Guid.AllBitsSet : cursor, count), plan => plan.Id);

    public Task<Error?> CreateAsync(RatePlan plan) => database.WriteAsync<Error?>(async session =>
    {
        if (await session.AnyAsync(QuotaSql.TooManyPlans, plan.OrgId, plan.AccountId, accounts.RatePlansMax - 1))
        {
            return new Error(ErrorCode.StateForbids,
                $"The account has {accounts.RatePlansMax} RatePlans, and no more are allowed. Delete one first.");
        }
        return await session.ExecuteAsync(RatePlanSql.Insert, RatePlanTable.Rows.Values(plan)) == 0 ? NameTaken : null;
    });

    /// <summary>Changes a plan's names; all else about it is fixed.</summary>
    /// <param name="change">Given the plan, the plan with its new names.</param>
    public Task<Result<RatePlan>> RenameAsync(Func<Session, ValueTask<RatePlan?>> load, Func<RatePlan, RatePlan> change) =>
        database.WriteAsync<Result<RatePlan>>(async session =>
        {
            // Of two who change it at once, the second sees what the first has made of it.
            if (await load(session) is not { } found
                || await session.OneAsync(RatePlanSql.Hold, RatePlanTable.Rows.Read, found.OrgId, found.Id) is not { } plan)
                return NotFound;
            var renamed = change(plan);
            if (renamed.UniqueName is { } name && name != plan.UniqueName
                && await session.AnyAsync(RatePlanSql.UniqueNameTaken, plan.OrgId, plan.AccountId, name, plan.Id))
                return NameTaken;
            await session.ExecuteAsync(RatePlanSql.Rename, RatePlanTable.Rows.UpdateValues(renamed));
            return renamed;
        });

    /// <summary>Deletes a plan that no SIM needs any more.</summary>
    public Task<Error?> DeleteAsync(Func<Session, ValueTask<RatePlan?>> load) => database.WriteAsync<Error?>(async session =>
    {
        if (await load(session) is not { } plan
            || await session.OneAsync(RatePlanSql.Hold, RatePlanTable.Rows.Read, plan.OrgId, plan.Id) is null)
            return NotFound;
        if (await session.AnyAsync(RatePlanSql.InUse, plan.OrgId, plan.AccountId, plan.Id))
        {
            return new Error(ErrorCode.StateForbids,
                "SIMs that are not canceled use this RatePlan. Give them another one, or wait until their operations have ended.");
        }
        await session.ExecuteAsync(RatePlanSql.Delete, plan.OrgId, plan.Id);
        return null;
    });

    private static Error NameTaken => new(
        ErrorCode.AlreadyTaken, "Another RatePlan of the account has this UniqueName. Choose another.", "UniqueName");

    private static Error NotFound => new(ErrorCode.NotFound, "The RatePlan does not exist.");
}
