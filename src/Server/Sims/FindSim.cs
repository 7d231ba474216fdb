using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>How a caller finds one SIM. A master reaches its subaccounts' SIMs by sid; a unique name is looked up in the caller's own
/// account only.</summary>
internal static class FindSim
{
    /// <summary>By the KORE sid or the unique name.</summary>
    public static async ValueTask<Sim?> ByKeyAsync(Session session, Caller caller, string key)
    {
        if (Ids.TryParseSid("DE", key, out var id))
        {
            var sim = await session.OneAsync(SimSql.ById, SimSql.Read, caller.OrgId, id);
            return sim is not null && (sim.AccountId == caller.AccountId || caller.IsMaster) ? sim : null;
        }
        return await session.OneAsync(SimSql.ByUniqueName, SimSql.Read, caller.OrgId, caller.AccountId, key);
    }

    /// <summary>By the Gigs id, in the caller's own project.</summary>
    public static async ValueTask<Sim?> ByGigsIdAsync(Session session, Caller caller, string gigsId)
    {
        if (!Ids.TryParseGigs("sim", gigsId, out var id))
            return null;
        var sim = await session.OneAsync(SimSql.ById, SimSql.Read, caller.OrgId, id);
        return sim?.AccountId == caller.AccountId ? sim : null;
    }

    /// <summary>By either id, in any org: for operators.</summary>
    public static async ValueTask<Sim?> AnywhereAsync(Session session, string either) =>
        Ids.TryParseSid("DE", either, out var id) || Ids.TryParseGigs("sim", either, out id)
            ? await session.OneAsync(SimSql.ByIdAnywhere, SimSql.Read, id)
            : null;
}
