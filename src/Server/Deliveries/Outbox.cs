using System.Text;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Dialects.Kore;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>Writes messages that are to be delivered, in the transaction of the change they tell of. Then wake <see cref="Lane.Deliveries"/>.</summary>
internal static class Outbox
{
    /// <summary>A KORE callback: the form goes as the body of a POST, or in the query of a GET.</summary>
    public static ValueTask PutCallbackAsync(Session session, Guid id, Sim sim, Callback to, string form, DateTimeOffset now) =>
        PutAsync(session, new Delivery(sim.OrgId, id, sim.AccountId, sim.Id, Delivery.Callback, KoreCallback.Target(to, form), to.Method,
            to.Method == "GET" ? [] : Encoding.UTF8.GetBytes(form), "pending", 0), now);

    /// <summary>A delivery; if it is to be in order, it waits for the one before it of the same SIM.</summary>
    /// <returns>The delivery, with a newer id if another server had given that one before it a later one.</returns>
    public static async ValueTask<Delivery> PutInOrderAsync(Session session, IdGenerator ids, Delivery delivery, bool ordered, DateTimeOffset now)
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

    /// <param name="due">When it is to be sent; null: when the one before it has ended.</param>
    public static async ValueTask PutAsync(Session session, Delivery delivery, DateTimeOffset? due)
    {
        var receiver = delivery.Receiver;
        await session.LaterAsync(DeliverySql.Insert, delivery.OrgId, delivery.Id, delivery.AccountId, delivery.SimId, delivery.Kind,
            delivery.Url, delivery.Method, delivery.Body, delivery.State, delivery.Attempts, delivery.EndpointId, delivery.MessageId, receiver);
        if (due is { } at)
            await JobQueue.PutAsync(session, delivery.OrgId, JobKind.Delivery, delivery.Id, Lane.Deliveries, at, receiver);
    }
}
