using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Dialects.Kore;

namespace Simkeeper.Server.Deliveries;

/// <summary>Makes the HTTP request of a delivery. The one place where the kinds differ: their headers, and how they are signed.</summary>
internal sealed class DeliveryRequests(Secrets secrets)
{
    /// <summary>Opened secrets that are kept, so that not every attempt opens them anew.</summary>
    private const int OpenedMax = 10_000;

    private readonly ConcurrentDictionary<byte[], string> _opened = new(new SealedBytes());

    /// <param name="at">When it is sent. Wall clock: receivers refuse a time that is minutes off theirs.</param>
    public HttpRequestMessage Build(Outgoing outgoing, DateTimeOffset at)
    {
        var delivery = outgoing.Delivery;
        var url = new Uri(delivery.Url);
        var request = new HttpRequestMessage(delivery.Method == "GET" ? HttpMethod.Get : HttpMethod.Post, url);
        if (url.UserInfo.Length > 0)
            Authorize(request, url);
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
        if (delivery.Method == "POST")
            SetBody(request, delivery.Body, "application/x-www-form-urlencoded");
        request.Headers.TryAddWithoutValidation("X-Twilio-Signature",
            Signatures.Twilio(Open(outgoing.AuthToken), delivery.Url, KoreCallback.Parameters(delivery.Body)));
        request.Headers.TryAddWithoutValidation("kore-signature",
            outgoing.KoreSecret is { } secret ? Signatures.Kore(Open(secret), delivery.Method, delivery.Url, delivery.Body) : "");
        request.Headers.TryAddWithoutValidation("kore-idempotency-token", delivery.Token);
        request.Headers.TryAddWithoutValidation("date", at.UtcDateTime.ToString("R", CultureInfo.InvariantCulture));
    }

    /// <summary>Standard Webhooks: the id stays, timestamp and signatures are made anew for each attempt.</summary>
    private void AddWebhook(HttpRequestMessage request, Outgoing outgoing, DateTimeOffset at)
    {
        var delivery = outgoing.Delivery;
        SetBody(request, delivery.Body, "application/json");
        var seconds = at.ToUnixTimeSeconds();
        request.Headers.TryAddWithoutValidation("webhook-id", delivery.Token);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", seconds.ToString(CultureInfo.InvariantCulture));
        if (outgoing.Endpoint is not { } endpoint)
            return;
        var keys = endpoint.OldSecrets(Open, at).Select(old => old.Secret).Prepend(Open(endpoint.SealedSecret));
        request.Headers.TryAddWithoutValidation("webhook-signature",
            string.Join(' ', keys.Select(key => Signatures.Webhook(key, delivery.Token, seconds, delivery.Body))));
    }

    private static void SetBody(HttpRequestMessage request, byte[] body, string contentType)
    {
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
    }

    /// <summary>What stands before the @ of a URL goes as Basic credentials (RFC 7617), as Twilio sends it, and nowhere else.</summary>
    private static void Authorize(HttpRequestMessage request, Uri url)
    {
        var credentials = Uri.UnescapeDataString(url.UserInfo);
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials.Contains(':') ? credentials : credentials + ":")));
        request.RequestUri = new Uri(url.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped));
    }

    private string Open(byte[] @sealed)
    {
        if (_opened.TryGetValue(@sealed, out var clear))
            return clear;
        if (_opened.Count >= OpenedMax)
            _opened.Clear();
        return _opened[@sealed] = secrets.Open(@sealed);
    }

    /// <summary>Compares what is sealed. It ends with a MAC, so its last bytes differ wherever any do.</summary>
    private sealed class SealedBytes : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(int)));
    }
}
