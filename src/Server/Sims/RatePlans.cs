using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>Finds a rate plan by sid or unique name, in the account that owns it.</summary>
internal static class RatePlans
{
    public static async ValueTask<RatePlan?> FindAsync(Session session, Guid orgId, Guid accountId, string key)
    {
        if (!Ids.TryParseSid("WP", key, out var id))
            return await session.OneAsync(SimSql.PlanByUniqueName, SimSql.ReadPlan, orgId, accountId, key);
        var plan = await session.OneAsync(SimSql.PlanById, SimSql.ReadPlan, orgId, id);
        return plan?.AccountId == accountId ? plan : null;
    }
}
