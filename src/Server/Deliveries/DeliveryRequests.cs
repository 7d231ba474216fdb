using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Deliveries;

/// <summary>A delivery with what its request is signed with, as sealed in the store.</summary>
/// <param name="AuthToken">The account's.</param>
/// <param name="KoreSecret">The account's newest active webhook secret, if it has one.</param>
/// <param name="Endpoint">Of a webhook; null: it was deleted.</param>
internal sealed record Outgoing(Delivery Delivery, byte[] AuthToken, byte[]? KoreSecret, WebhookEndpoint? Endpoint = null);

/// <summary>Makes the HTTP request of a delivery. The one place where the kinds differ: their headers, and how they are signed.</summary>
internal sealed class DeliveryRequests(Secrets secrets)
{
    /// <param name="at">When it is sent. Wall clock: receivers refuse a time that is minutes off theirs.</param>
    public HttpRequestMessage Build(Outgoing outgoing, DateTimeOffset at)
    {
        var delivery = outgoing.Delivery;
        var request = new HttpRequestMessage(delivery.Method == "GET" ? HttpMethod.Get : HttpMethod.Post, delivery.Url);
        request.Headers.TryAddWithoutValidation("user-agent", "Simkeeper/0.1");
        if (delivery.EndpointId is not null)
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
        var endpoint = outgoing.Endpoint!;
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
