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
    public static async ValueTask<Outgoing?> OfAsync(Session session, Guid orgId, Guid id)
    {
        var found = await session.OneAsync(DeliverySql.WithKeys, DeliverySql.ReadWithKeys, orgId, id);
        return found is { Delivery.EndpointId: { } endpoint }
            ? found with { Endpoint = await session.OneAsync(WebhookSql.ById, WebhookSql.Read, orgId, endpoint) }
            : found;
    }
}
