using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Lists events.</summary>
/// <remarks>
/// Settled changes, oldest first; of every account, or those that match all filters. `sim` and `account` exclude each other.
/// </remarks>
internal static class ListEvents
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/events", RunAsync).Takes(Work.List);

    private static async Task<Answer<PageOf<EventAnswer>>> RunAsync(
        Query<EventFilter> query, NamedSim named, Database database, BrokenRows broken)
    {
        var filter = query.Value;
        var sim = await named.FindIdAsync(filter.Sim);
        if (sim.Error is { } error)
            return error;
        object?[] subject = (sim.Value ?? filter.Account) is { } id ? [id] : [];
        var index = sim.Value is not null ? EventSql.OfSim : filter.Account is not null ? EventSql.OfAccount : EventSql.OfOrg;
        var after = filter.Paging.After ?? Guid.Empty;
        if (filter.Since is { } since && Ids.FirstOf(since) is var first && first.CompareTo(after) > 0)
            after = first;
        var found = await database.ReadAsync(async session => await Walk.PageAsync(
            session, index, await AcrossOrgs.RangesAsync(session, subject), broken.Of(EventTable.Rows.Name, EventTable.Rows.Read),
            kept => kept.Id, newer: true, (after, Guid.AllBitsSet), filter.Paging.Limit, filter.Type is not null, filter.Type is null,
            filter.Type ?? ""));
        return Pages.Of(found, broken, EventTable.Rows.Name, EventAnswer.Of);
    }
}

/// <summary>Which events are wanted.</summary>
internal sealed record EventFilter : IReadQuery<EventFilter>
{
    public required Paging Paging { get; init; }

    /// <summary>Only events of this SIM, by its sid, id, ICCID, MSISDN, IMSI, EID or unique name.</summary>
    public required string? Sim { get; init; }

    /// <summary>Only events of SIMs that this account owned then.</summary>
    public required Guid? Account { get; init; }

    /// <summary>Only events of this type.</summary>
    public required string? Type { get; init; }

    /// <summary>Only events of this time and later.</summary>
    public required DateTimeOffset? Since { get; init; }

    public static EventFilter Read(QueryFields fields)
    {
        var filter = new EventFilter
        {
            Paging = fields.Paging(),
            Sim = fields.Text("sim"),
            Account = fields.Sid("account", "AC", "account is the sid of an account."),
            Type = fields.OneOf("type", EventAnswer.Types),
            Since = fields.Time("since"),
        };
        if (filter is { Sim: not null, Account: not null })
            fields.Refuse("account", "Give sim or account, not both.");
        return filter;
    }
}
