using Simkeeper.Server.Dialects.Gigs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>A delivery with what its request is signed with, as sealed in the store.</summary>
/// <param name="AuthToken">The account's.</param>
/// <param name="KoreSecret">The account's newest active webhook secret, if it has one.</param>
/// <param name="Endpoint">The webhook endpoint; null: a callback, or the endpoint was deleted.</param>
internal sealed record Outgoing(Delivery Delivery, byte[] AuthToken, byte[]? KoreSecret, WebhookEndpoint? Endpoint)
{
    /// <summary>Why it must not be sent, or null. What goes elsewhere than to its endpoint does not mind that this is disabled.</summary>
    public string? Hindrance => Delivery.Kind != Delivery.Webhook ? null
        : Endpoint is null ? "Not sent: the webhook endpoint was deleted."
        : !Endpoint.Enabled && Endpoint.Url == Delivery.Url ? "Not sent: the webhook endpoint is disabled."
        : null;

    /// <summary>Reads a delivery and what it is signed with; null when it or its account is gone.</summary>
    public static async ValueTask<Outgoing?> OfAsync(Session session, Guid orgId, Guid id) =>
        (await OfAsync(session, orgId, [id])).FirstOrDefault();

    /// <summary>Reads deliveries and what they are signed with, as many of them as there are.</summary>
    public static async ValueTask<List<Outgoing>> OfAsync(Session session, Guid orgId, IReadOnlyList<Guid> ids)
    {
        var found = new List<Outgoing>(ids.Count);
        var values = new object?[1 + DeliverySql.WithKeysMax];
        values[0] = orgId;
        for (var first = 0; first < ids.Count; first += DeliverySql.WithKeysMax)
        {
            for (var i = 0; i < DeliverySql.WithKeysMax; i++)
                values[1 + i] = ids[Math.Min(first + i, ids.Count - 1)];
            found.AddRange(await session.ListAsync(DeliverySql.WithKeys, DeliverySql.ReadWithKeys, values));
        }
        foreach (var endpointId in found.Select(outgoing => outgoing.Delivery.EndpointId).OfType<Guid>().Distinct().ToList())
        {
            var endpoint = await session.OneAsync(WebhookSql.ById, WebhookSql.Read, orgId, endpointId);
            for (var i = 0; i < found.Count; i++)
            {
                if (found[i].Delivery.EndpointId == endpointId)
                    found[i] = found[i] with { Endpoint = endpoint };
            }
        }
        return found;
    }
}
