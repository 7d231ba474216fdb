using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Dialects.Gigs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>
/// How one SIM is found. A master reaches its subaccounts' SIMs by sid; a unique name is looked up in the caller's own account only.
/// </summary>
/// <param name="alone">Reads the SIM.</param>
/// <param name="toChange">Reads it with who is to be told.</param>
/// <param name="accountId">Whose it must be; null: anybody's.</param>
/// <param name="values">The values of either statement.</param>
internal sealed class FindSim(Sql alone, Sql toChange, Guid? accountId, params object?[] values)
{
    /// <summary>By the KORE sid or the unique name.</summary>
    public static FindSim ByKey(Caller caller, string key) => Ids.TryParseSid("DE", key, out var id)
        ? new(SimSql.ById, SimSql.ToChangeById, caller.IsMaster ? null : caller.AccountId, caller.OrgId, id)
        : new(SimSql.ByUniqueName, SimSql.ToChangeByUniqueName, null, caller.OrgId, caller.AccountId, key);

    /// <summary>By the Gigs id, in the caller's own project.</summary>
    public static FindSim ByGigsId(Caller caller, string gigsId) => new(
        SimSql.ById, SimSql.ToChangeById, caller.AccountId, caller.OrgId, Ids.TryParseGigs("sim", gigsId, out var id) ? id : Guid.Empty);

    /// <summary>By either id, in any org: for operators.</summary>
    public static FindSim Anywhere(string either) => new(SimSql.ByIdAnywhere, SimSql.ToChangeAnywhere, null,
        Ids.TryParseSid("DE", either, out var id) || Ids.TryParseGigs("sim", either, out id) ? id : Guid.Empty);

    /// <summary>By its row.</summary>
    public static FindSim ById(Guid orgId, Guid id) => new(SimSql.ById, SimSql.ToChangeById, null, orgId, id);

    /// <summary>The SIM; null: there is none.</summary>
    public async ValueTask<Sim?> ReadAsync(Session session) => Visible(await session.OneAsync(alone, SimTable.Rows.Read, values));

    /// <summary>The SIM, and who is to be told when it is changed, in one look.</summary>
    public async ValueTask<(Sim? Sim, List<WebhookListener> Listeners)> ToChangeAsync(Session session)
    {
        Sim? sim = null;
        var listeners = await session.ListAsync(toChange, row =>
        {
            sim ??= SimTable.Rows.Read(row);
            return SimSql.ReadListener(row);
        }, values);
        return (Visible(sim), listeners is [null] ? [] : [.. listeners.OfType<WebhookListener>().OrderBy(listener => listener.Id)]);
    }

    private Sim? Visible(Sim? sim) => accountId is null || sim?.AccountId == accountId ? sim : null;
}
