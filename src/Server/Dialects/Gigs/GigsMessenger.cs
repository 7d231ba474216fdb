using System.Globalization;
using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>
/// Sends events to webhook endpoints, signed by Standard Webhooks: every attempt has the same id, and its own timestamp and signatures.
/// </summary>
internal sealed class GigsMessenger(WebhookEndpoints endpoints, OpenedSecrets secrets) : IMessenger
{
    public const string Name = "gigs";

    public string Dialect => Name;

    public Joined ReadsAlong => WebhookEndpointSql.OfDelivery;

    public void Write(HttpRequestMessage request, Outgoing outgoing, DateTimeOffset at)
    {
        var (body, token) = (outgoing.Delivery.Body, Token(outgoing.Delivery));
        request.SetBody(body, "application/json");
        var seconds = at.ToUnixTimeSeconds();
        Add(request, "id", token);
        Add(request, "timestamp", seconds.ToString(CultureInfo.InvariantCulture));
        if (EndpointOf(outgoing) is not { } endpoint)
            return;
        var keys = endpoint.OldSecrets(secrets.Open, at).Select(old => old.Secret).Prepend(secrets.Open(endpoint.SealedSecret));
        Add(request, "signature", string.Join(' ', keys.Select(key => StandardWebhooks.Sign(key, token, seconds, body))));
    }

    /// <summary>
    /// The reason why it must not be sent. A delivery to another URL than the endpoint's is sent even while the endpoint is disabled.
    /// </summary>
    public string? Hindrance(Outgoing outgoing) => EndpointOf(outgoing) switch
    {
        null => "Not sent: the webhook endpoint was deleted.",
        { Enabled: false } endpoint when endpoint.Url == outgoing.Delivery.Url => "Not sent: the webhook endpoint is disabled.",
        _ => null,
    };

    public DeliveryPolicy PolicyOf(Delivery delivery) => DeliveryPolicy.Durable;

    public string Token(Delivery delivery) => Ids.ToBase62(Webhooks.MessagePrefix, delivery.MessageId!.Value);

    public string? EventType(Delivery delivery)
    {
        using var message = JsonDocument.Parse(delivery.Body);
        return message.RootElement.GetProperty("type").GetString();
    }

    public string Elsewhere(Outgoing outgoing, string to) => to;

    /// <summary>True for an ordered delivery, or if its endpoint was deleted meanwhile: others may still wait for it.</summary>
    public bool IsAwaited(Outgoing outgoing) => EndpointOf(outgoing) is not { Ordered: false };

    /// <summary>Ignores redeliveries to other URLs, and successes while the endpoint is healthy.</summary>
    public bool Notes(Outgoing outgoing, DeliveryState state) =>
        EndpointOf(outgoing) is { Enabled: true } endpoint && endpoint.Url == outgoing.Delivery.Url
            && (state != DeliveryState.Delivered || endpoint.FailingSince is not null);

    public ValueTask AttemptedAsync(Session session, Outgoing outgoing, DeliveryState state) =>
        endpoints.NoteAsync(session, EndpointOf(outgoing)!, state == DeliveryState.Delivered);

    /// <summary>Adds a header under both names that receivers read: that of Standard Webhooks and that of Svix.</summary>
    private static void Add(HttpRequestMessage request, string name, string value)
    {
        request.Headers.TryAddWithoutValidation("webhook-" + name, value);
        request.Headers.TryAddWithoutValidation("svix-" + name, value);
    }

    private static WebhookEndpoint? EndpointOf(Outgoing outgoing) => (WebhookEndpoint?)outgoing.ReadAlong;
}
