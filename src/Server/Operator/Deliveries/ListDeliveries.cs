using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Lists deliveries.</summary>
/// <remarks>
/// Deliveries of every account, or those that match all filters, newest first, with their attempts. Give `sim` or `account`, not both.
/// </remarks>
internal static class ListDeliveries
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/deliveries", RunAsync);

    private static async Task<Answer<PageOf<DeliveryAnswer>>> RunAsync(
        Query<DeliveryFilter> query, NamedSim named, Database database, Messengers messengers, BrokenRows broken)
    {
        var filter = query.Value;
        var sim = await named.FindIdAsync(filter.Sim);
        if (sim.Error is { } error)
            return error;
        var found = await database.ReadAsync(async session =>
        {
            var found = await AcrossOrgs.NewestAsync(session, filter.Sql, broken.Of(DeliverySql.Table, DeliverySql.Read),
                delivery => delivery.Id, filter.Paging.Limit + 1, filter.Values(sim.Value));
            var whole = new List<Kept<Whole>>(found.Count);
            foreach (var kept in found)
            {
                whole.Add(new(kept.Id, kept.Row is { } delivery
                    ? new Whole(delivery, await FindDelivery.AttemptsAsync(session, delivery))
                    : null));
            }
            return whole;
        });
        return Pages.Of(found, filter.Paging, broken, DeliverySql.Table,
            whole => DeliveryAnswer.Of(whole.Delivery, messengers, whole.Attempts));
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

    /// <summary>The statement that finds the fewest first: what is pending or dead is little beside what was delivered.</summary>
    public Sql Sql => Sim is not null ? DeliverySql.ListOfSim
        : State is DeliveryState.Pending or DeliveryState.Dead ? DeliverySql.ListOfState
        : Endpoint is not null ? DeliverySql.ListOfEndpoint
        : Account is not null ? DeliverySql.ListOfAccount
        : State is not null ? DeliverySql.ListOfState
        : DeliverySql.List;

    /// <summary>The values of the statement.</summary>
    public object?[] Values(Guid? sim)
    {
        var before = Until is { } until ? Ids.FirstOf(until) : Guid.AllBitsSet;
        if (Paging.After is { } after && after.CompareTo(before) < 0)
            before = after;
        return
        [
            Kind is null, Kind ?? "", State is null, State?.ToWire() ?? "", Endpoint is null, Endpoint ?? Guid.Empty,
            Account is null, Account ?? Guid.Empty, .. sim is { } id ? [id] : Array.Empty<object?>(),
            Since is { } since ? Ids.FirstOf(since) : Guid.Empty, before,
        ];
    }

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
