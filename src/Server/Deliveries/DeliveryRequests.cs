using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>A delivery with what its request is signed with, as sealed in the store.</summary>
/// <param name="AuthToken">The account's.</param>
/// <param name="Endpoint">The webhook endpoint; null: a callback, or the endpoint was deleted.</param>
internal sealed record Outgoing(Delivery Delivery, byte[] AuthToken, WebhookEndpoint? Endpoint)
{
    /// <summary>Why it must not be sent, or null. What goes elsewhere than to its endpoint does not mind that this is disabled.</summary>
    public string? Hindrance => Delivery.Kind != Delivery.Webhook ? null
        : Endpoint is null ? "Not sent: the webhook endpoint was deleted."
        : !Endpoint.Enabled && Endpoint.Url == Delivery.Url ? "Not sent: the webhook endpoint is disabled."
        : null;

    /// <summary>Reads what a delivery is signed with; null when its account is gone.</summary>
    public static async ValueTask<Outgoing?> OfAsync(Session session, Delivery delivery)
    {
        var account = await session.OneAsync(AccountSql.ById, AccountSql.Read, delivery.OrgId, delivery.AccountId);
        var endpoint = delivery.EndpointId is { } id ? await session.OneAsync(WebhookSql.ById, WebhookSql.Read, delivery.OrgId, id) : null;
        return account is null ? null : new Outgoing(delivery, account.SealedAuthToken, endpoint);
    }
}

/// <summary>Makes the HTTP request of a delivery. The one place where the kinds differ: their headers, and how they are signed.</summary>
internal sealed class DeliveryRequests(Secrets secrets)
{
    /// <param name="at">When it is sent. Wall clock: receivers refuse a time that is minutes off theirs.</param>
    public HttpRequestMessage Build(Outgoing outgoing, DateTimeOffset at)
    {
        var delivery = outgoing.Delivery;
        var request = new HttpRequestMessage(delivery.Method == "GET" ? HttpMethod.Get : HttpMethod.Post, delivery.Url);
        request.Headers.TryAddWithoutValidation("user-agent", "Simkeeper/0.1");
        if (delivery.Kind == Delivery.Webhook)
            AddWebhook(request, outgoing, at);
        else
            AddCallback(request, outgoing, at);
        return request;
    }

    private void AddCallback(HttpRequestMessage request, Outgoing outgoing, DateTimeOffset at)
    {
        var delivery = outgoing.Delivery;
        List<KeyValuePair<string, string>> parameters = [];
        if (delivery.Method == "POST")
        {
            SetBody(request, delivery.Body, "application/x-www-form-urlencoded");
            parameters = [.. Encoding.UTF8.GetString(delivery.Body).Split('&').Select(pair => pair.Split('=', 2))
                .Select(pair => KeyValuePair.Create(pair[0], Uri.UnescapeDataString(pair[1])))];
        }
        request.Headers.TryAddWithoutValidation(
            "X-Twilio-Signature", Signatures.Twilio(secrets.Open(outgoing.AuthToken), delivery.Url, parameters));
        request.Headers.TryAddWithoutValidation("kore-idempotency-token", delivery.Token);
        request.Headers.TryAddWithoutValidation("date", at.UtcDateTime.ToString("R", CultureInfo.InvariantCulture));
    }

    /// <summary>Standard Webhooks: the id stays, timestamp and signatures are made anew for each attempt.</summary>
    private void AddWebhook(HttpRequestMessage request, Outgoing outgoing, DateTimeOffset at)
    {
        var delivery = outgoing.Delivery;
        var timestamp = at.ToUnixTimeSeconds();
        SetBody(request, delivery.Body, "application/json");
        request.Headers.TryAddWithoutValidation("webhook-id", delivery.Token);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        if (outgoing.Endpoint is not { } endpoint)
            return;
        string Sign(byte[] secret) => Signatures.Webhook(secrets.Open(secret), delivery.Token, timestamp, delivery.Body);
        var signature = Sign(endpoint.SealedSecret);
        if (endpoint.SealedOldSecret is { } old && endpoint.OldSecretUntil > at)
            signature += " " + Sign(old);
        request.Headers.TryAddWithoutValidation("webhook-signature", signature);
    }

    private static void SetBody(HttpRequestMessage request, byte[] body, string contentType)
    {
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
    }
}
