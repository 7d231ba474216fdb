using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>
/// Finds one SIM. A master reaches its subaccounts' SIMs by sid; a unique name is looked up in the caller's own account only.
/// </summary>
/// <param name="finder">One of <see cref="SimSql.Finders"/>.</param>
/// <param name="accountId">Whose it must be; null: anybody's.</param>
/// <param name="values">The values of the finder.</param>
internal sealed class FindSim(Sql finder, Guid? accountId, params object?[] values)
{
    /// <summary>By the sid or the unique name.</summary>
    public static FindSim ByKey(Caller caller, string key) => Ids.TryParseSid("DE", key, out var id)
        ? new(SimSql.ById, caller.IsMaster ? null : caller.AccountId, caller.OrgId, id)
        : new(SimSql.ByUniqueName, null, caller.OrgId, caller.AccountId, key);

    /// <summary>By the public id, in the caller's own account.</summary>
    public static FindSim ByPublicId(Caller caller, string publicId) => new(
        SimSql.ById, caller.AccountId, caller.OrgId, Ids.TryParseBase62("sim", publicId, out var id) ? id : Guid.Empty);

    /// <summary>By its id, in any org: for operators.</summary>
    public static FindSim Anywhere(Guid id) => new(SimSql.ByIdAnywhere, null, id);

    /// <summary>By its row.</summary>
    public static FindSim ById(Guid orgId, Guid id) => new(SimSql.ById, null, orgId, id);

    /// <summary>The SIM; null: there is none.</summary>
    public async ValueTask<Sim?> ReadAsync(Session session) => Visible(await session.OneAsync(finder, SimTable.Rows.Read, values));

    /// <summary>The SIM, and what a follower wants read along, in one look.</summary>
    public async ValueTask<(Sim? Sim, IReadOnlyList<object> Along)> ToChangeAsync(Session session, SimFollowers followers)
    {
        var (sim, along) = await followers.ReadAsync(session, finder, values);
        return (Visible(sim), along);
    }

    private Sim? Visible(Sim? sim) => accountId is null || sim?.AccountId == accountId ? sim : null;
}
