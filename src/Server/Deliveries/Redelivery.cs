using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Dialects.Gigs;
using Simkeeper.Server.Dialects.Kore;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>What is to be sent again.</summary>
/// <param name="From">The first id.</param>
/// <param name="Until">All before this id; null: all there are when it is asked for.</param>
/// <param name="State">Only those in this state; null: all.</param>
/// <param name="To">Another URL to send them to; null: where they went.</param>
internal sealed record RedeliveryRange(Guid From, Guid? Until, string? State, Guid? AccountId, Guid? EndpointId, string? To);

/// <summary>
/// Sends what was sent once more: as a new delivery of the same message, so that the old one keeps its story and whoever watches deliveries
/// sees it. The receiver can tell by <c>webhook-id</c> or <c>kore-idempotency-token</c> that it is the same.
/// </summary>
internal sealed class Redelivery(Database database, JobQueue jobs, SimClock clock, IdGenerator ids)
{
    /// <summary>Deliveries of one transaction, and of one call.</summary>
    public const int BatchMax = 500, CallMax = 10_000;

    /// <summary>Sends one again.</summary>
    public async Task<Result<Delivery>> OneAsync(Delivery delivery)
    {
        if (delivery.State == "pending")
            return new Error(ErrorCode.StateForbids, "The delivery is still pending; it is sent by itself.");
        var copy = await database.WriteAsync(session => PutAsync(session, delivery, null, []));
        jobs.Wake(Lane.Deliveries);
        return copy is null
            ? new Error(ErrorCode.StateForbids, "The webhook endpoint of the delivery was deleted or is disabled. Enable it first.")
            : copy;
    }

    /// <summary>Sends a range again, oldest first.</summary>
    /// <returns>How many are sent, how many cannot be, and where to go on if there are more.</returns>
    public async Task<(int Sent, int Skipped, Guid? Next)> RangeAsync(RedeliveryRange range)
    {
        var made = ids.Next(); // Ids grow: what this very call makes is not in its range.
        var until = range.Until is { } end && end.CompareTo(made) < 0 ? end : made;
        var (sent, seen, next) = (0, 0, (Guid?)range.From);
        while (next is { } from && seen < CallMax)
        {
            var batch = await database.ReadAsync(session => BatchAsync(session, range, from, until));
            sent += await database.WriteAsync(async session =>
            {
                var endpoints = new Dictionary<Guid, WebhookEndpoint?>();
                var count = 0;
                foreach (var delivery in batch)
                    count += await PutAsync(session, delivery, range.To, endpoints) is null ? 0 : 1;
                return count;
            });
            jobs.Wake(Lane.Deliveries);
            seen += batch.Count;
            next = batch.Count < BatchMax ? null : batch[^1].Id;
        }
        return (sent, seen - sent, next);
    }

    private static ValueTask<List<Delivery>> BatchAsync(Session session, RedeliveryRange range, Guid from, Guid until)
    {
        object?[] values =
        [
            .. range.State is { } state ? [state] : Array.Empty<object?>(), from, until, range.AccountId is null,
            range.AccountId ?? Guid.Empty, range.EndpointId is null, range.EndpointId ?? Guid.Empty,
        ];
        return AcrossOrgs.OldestAsync(session, range.State is null ? DeliverySql.Range : DeliverySql.RangeOfState,
            DeliverySql.Read, delivery => delivery.Id, BatchMax, values);
    }

    /// <summary>Null: its endpoint takes nothing, or it is still on its way there by itself.</summary>
    private async ValueTask<Delivery?> PutAsync(Session session, Delivery of, string? to, Dictionary<Guid, WebhookEndpoint?> endpoints)
    {
        if (to is null && of.State == "pending")
            return null;
        WebhookEndpoint? endpoint = null;
        if (of.EndpointId is { } id && !endpoints.TryGetValue(id, out endpoint))
            endpoint = endpoints[id] = await session.OneAsync(WebhookSql.ById, WebhookSql.Read, of.OrgId, id);
        var now = clock.Now;
        var copy = of with
        {
            Id = ids.Next(now),
            Url = to is null ? of.Url : Elsewhere(of, to),
            State = "pending",
            Attempts = 0,
            MessageId = of.MessageId ?? of.Id,
        };
        if (new Outgoing(copy, [], null, endpoint).Hindrance is not null)
            return null;
        return await Outbox.PutInOrderAsync(session, ids, copy, endpoint is { Ordered: true }, now);
    }

    /// <summary>A GET carries what it says in its query: that goes along.</summary>
    private static string Elsewhere(Delivery delivery, string to)
    {
        if (delivery.Kind == Delivery.Webhook)
            return to;
        var url = KoreCallback.Canonical(to);
        var query = delivery.Method == "GET" ? new Uri(delivery.Url).Query.TrimStart('?') : "";
        return query.Length == 0 ? url : $"{url}{(url.Contains('?') ? '&' : '?')}{query}";
    }
}
