using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>
/// Writes messages that are to be delivered, in the transaction of their change. Wake <see cref="Lane.Deliveries"/> afterwards.
/// </summary>
internal static class Outbox
{
    /// <summary>Writes a delivery. If it is ordered, it waits for the SIM's delivery before it.</summary>
    /// <returns>The delivery. It has a newer id if another server had given the delivery before it a later one.</returns>
    public static async ValueTask<Delivery> PutInOrderAsync(
        Session session, IdGenerator ids, Delivery delivery, bool ordered, DateTimeOffset now)
    {
        var before = ordered
            ? await session.OneAsync(
                DeliverySql.HoldNewestPending, static row => row.Id(0), delivery.OrgId, delivery.EndpointId, delivery.SimId, delivery.Url)
            : default;
        if (before.CompareTo(delivery.Id) > 0)
        {
            ids.StartAfter(before);
            delivery = delivery with { Id = ids.Next(now) };
        }
        await PutAsync(session, delivery, before == default ? now : null);
        return delivery;
    }

    /// <summary>Writes a delivery.</summary>
    /// <param name="due">The time to send it; null: when the one before it has ended.</param>
    public static async ValueTask PutAsync(Session session, Delivery delivery, DateTimeOffset? due)
    {
        await session.LaterAsync(DeliverySql.Insert, DeliverySql.Values(delivery));
        if (due is { } at)
        {
            await JobQueue.PutAsync(
                session, delivery.OrgId, JobKind.Delivery, delivery.Id, Lane.Deliveries, at, at, delivery.Budget);
        }
    }
}
