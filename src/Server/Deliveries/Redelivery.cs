using Simkeeper.Core;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>A range of deliveries that are to be sent again.</summary>
/// <param name="From">The first id.</param>
/// <param name="Until">All before this id; null: all that exist at the time of the call.</param>
/// <param name="State">Only those in this state; null: all.</param>
/// <param name="To">Another URL to send them to; null: each goes to its own.</param>
internal sealed record RedeliveryRange(Guid From, Guid? Until, DeliveryState? State, Guid? AccountId, Guid? EndpointId, string? To);

/// <summary>
/// Sends a message again: as a new delivery of the same message, so that the old one keeps its history and watchers see the new one. The
/// receiver can tell by the message's token that it is the same.
/// </summary>
internal sealed class Redelivery(Database database, JobQueue jobs, SimClock clock, IdGenerator ids, Messengers messengers, SealedUrls urls)
{
    /// <summary>The most deliveries in one transaction and in one call.</summary>
    public const int BatchMax = 500, CallMax = 10_000;

    /// <summary>Sends one again.</summary>
    public async Task<Result<Delivery>> OneAsync(Delivery delivery)
    {
        if (delivery.State == DeliveryState.Pending)
            return new Error(ErrorCode.StateForbids, "The delivery is still pending; it is sent by itself.");
        var copy = await database.WriteAsync(async session =>
            await messengers.ReadAsync(session, delivery.OrgId, delivery.Id) is { } outgoing
                ? await PutAsync(session, outgoing, null)
                : null);
        jobs.Wake(Lane.Deliveries);
        return copy is null
            ? new Error(ErrorCode.StateForbids, "The webhook endpoint of the delivery was deleted or is disabled. Enable it first.")
            : copy;
    }

    /// <summary>Sends a range again, oldest first.</summary>
    /// <returns>The number that are sent, the number that cannot be, and the id to go on from if there are more.</returns>
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
                var outgoings = new List<Outgoing>(batch.Count);
                foreach (var org in batch.GroupBy(delivery => delivery.OrgId, delivery => delivery.Id))
                    outgoings.AddRange(await messengers.ReadAsync(session, org.Key, [.. org]));
                var count = 0;
                foreach (var outgoing in outgoings.OrderBy(outgoing => outgoing.Delivery.Id))
                    count += await PutAsync(session, outgoing, range.To) is null ? 0 : 1;
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
            .. range.State is { } state ? [state.ToWire()] : Array.Empty<object?>(), from, until, range.AccountId is null,
            range.AccountId ?? Guid.Empty, range.EndpointId is null, range.EndpointId ?? Guid.Empty,
        ];
        return AcrossOrgs.OldestAsync(session, range.State is null ? DeliverySql.Range : DeliverySql.RangeOfState,
            DeliverySql.Read, delivery => delivery.Id, BatchMax, values);
    }

    /// <summary>Writes the new delivery. Null: it must not be sent, or it is still on its way to the same receiver.</summary>
    private async ValueTask<Delivery?> PutAsync(Session session, Outgoing outgoing, string? to)
    {
        var (of, messenger) = (outgoing.Delivery, messengers.Of(outgoing.Delivery));
        if (to is null && of.State == DeliveryState.Pending)
            return null;
        var now = clock.Now;
        var copy = of with
        {
            Id = ids.Next(now),
            Url = to is null ? of.Url : Elsewhere(outgoing, to),
            State = DeliveryState.Pending,
            Attempts = 0,
            MessageId = of.MessageId ?? of.Id,
        };
        var again = outgoing with { Delivery = copy };
        return messenger.Hindrance(again) is null
            ? await Outbox.PutInOrderAsync(session, ids, copy, messenger.IsAwaited(again), now)
            : null;
    }

    /// <summary>The other URL as it is stored. If the first one was sealed, its query may go along, and is sealed again.</summary>
    private string Elsewhere(Outgoing outgoing, string to)
    {
        var url = messengers.Of(outgoing.Delivery).Elsewhere(outgoing, to);
        return outgoing.Delivery.Url == outgoing.Url ? url : urls.Seal(url);
    }
}
