using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Lists deliveries.</summary>
/// <remarks>
/// Deliveries of every account, or those that match all filters, newest first, with their attempts. Give `sim` or `account`, not both.
/// </remarks>
internal static class ListDeliveries
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/deliveries", RunAsync).Takes(Work.List);

    private static async Task<Answer<PageOf<DeliveryAnswer>>> RunAsync(
        Query<DeliveryFilter> query, NamedSim named, Database database, Messengers messengers, BrokenRows broken)
    {
        var filter = query.Value;
        var sim = await named.FindIdAsync(filter.Sim);
        if (sim.Error is { } error)
            return error;
        var found = await database.ReadAsync(async session =>
        {
            var (index, by) = filter.By(sim.Value);
            var (deliveries, goesOn) = await Walk.PageAsync(session, index, await AcrossOrgs.RangesAsync(session, by),
                broken.Of(DeliverySql.Table, DeliverySql.Read), kept => kept.Id, newer: false, filter.Between, filter.Paging.Limit,
                filter.Tests, filter.Tested);
            var whole = new List<Kept<Whole>>(deliveries.Count);
            foreach (var kept in deliveries)
            {
                whole.Add(new(kept.Id, kept.Row is { } delivery
                    ? new Whole(delivery, await FindDelivery.AttemptsAsync(session, delivery))
                    : null));
            }
            return (whole, goesOn);
        });
        return Pages.Of(found, broken, DeliverySql.Table, whole => DeliveryAnswer.Of(whole.Delivery, messengers, whole.Attempts));
    }

    private sealed record Whole(Delivery Delivery, List<DeliveryAttempt> Attempts);
}

/// <summary>Which deliveries are wanted.</summary>
internal sealed record DeliveryFilter : IReadQuery<DeliveryFilter>
{
    public required Paging Paging { get; init; }

    /// <summary>Only deliveries in this state.</summary>
    public required DeliveryState? State { get; init; }

    /// <summary>Only callbacks, or only events to webhook endpoints.</summary>
    public required string? Kind { get; init; }

    /// <summary>Only deliveries about this SIM, by its sid, id, ICCID, MSISDN, IMSI, EID or unique name.</summary>
    public required string? Sim { get; init; }

    /// <summary>Only deliveries of this account.</summary>
    public required Guid? Account { get; init; }

    /// <summary>Only deliveries to this webhook endpoint.</summary>
    public required Guid? Endpoint { get; init; }

    /// <summary>Only deliveries made then and later.</summary>
    public required DateTimeOffset? Since { get; init; }

    /// <summary>Only deliveries made before.</summary>
    public required DateTimeOffset? Until { get; init; }

    /// <summary>True if there is a filter besides the one that <see cref="By"/> goes by.</summary>
    public bool Tests => new object?[] { Kind, State, Endpoint, Account, Sim }.Count(filter => filter is not null) > (Kind is null ? 1 : 0);

    /// <summary>The values of every filter but the SIM, for the test.</summary>
    public object?[] Tested =>
    [
        Kind is null, Kind ?? "", State is null, State?.ToWire() ?? "", Endpoint is null, Endpoint ?? Guid.Empty,
        Account is null, Account ?? Guid.Empty,
    ];

    /// <summary>The ids between which the deliveries are.</summary>
    public (Guid Lower, Guid Upper) Between
    {
        get
        {
            var before = Until is { } until ? Ids.FirstOf(until) : Guid.AllBitsSet;
            if (Paging.After is { } after && after.CompareTo(before) < 0)
                before = after;
            return (Since is { } since ? Walk.Beside(Ids.FirstOf(since), -1) : Guid.Empty, before);
        }
    }

    /// <summary>The index that has the fewest to look at: what is pending or dead is little beside what was delivered.</summary>
    public (ListIndex Index, object?[] Values) By(Guid? sim) =>
        sim is { } id ? (DeliverySql.OfSim, [id])
        : State is DeliveryState.Pending or DeliveryState.Dead ? (DeliverySql.OfState, [State.Value.ToWire()])
        : Endpoint is { } endpoint ? (DeliverySql.OfEndpoint, [endpoint])
        : Account is { } account ? (DeliverySql.OfAccount, [account])
        : State is { } state ? (DeliverySql.OfState, [state.ToWire()])
        : (DeliverySql.OfOrg, []);

    public static DeliveryFilter Read(QueryFields fields)
    {
        var filter = new DeliveryFilter
        {
            Paging = fields.Paging(),
            State = fields.Word<DeliveryState>("state"),
            Kind = fields.OneOf("kind", [Delivery.Callback, Delivery.Webhook]),
            Endpoint = fields.Id("endpoint", DeliveryHead.EndpointPrefix, "endpoint is the id of a webhook endpoint."),
            Account = fields.Sid("account", "AC", "account is the sid of an account."),
            Sim = fields.Text("sim"),
            Since = fields.Time("since"),
            Until = fields.Time("until"),
        };
        if (filter is { Sim: not null, Account: not null })
            fields.Refuse("account", "Give sim or account, not both.");
        return filter;
    }
}
