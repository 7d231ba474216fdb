using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Simkeeper.Server.Tests.Deliveries;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>The messages of an old store as its receiver gets them, compared with what the old release sent and gave away.</summary>
internal static class OldMessages
{
    /// <summary>Path and query.</summary>
    public static string Target(this Received got) => new Uri(got.Url).PathAndQuery;

    public static bool IsCallback(this Received got) => !got.Headers.ContainsKey("webhook-id");

    /// <summary>All of a message that is the same in every attempt, in one line.</summary>
    public static string Line(this Received got) => Line(got.Method, got.Target(), got.Headers.GetValueOrDefault("Content-Type"),
        got.Headers.GetValueOrDefault("Authorization"), got.Body);

    /// <summary>The same of a recorded message.</summary>
    public static string Line(JsonElement sent)
    {
        string? Of(string name) => sent.TryGetProperty(name, out var value) ? value.GetString() : null;
        return Line(Of("method")!, Of("target")!, Of("type"), Of("authorization"), Of("body")!);
    }

    /// <summary>Every message that came is signed with the secrets that the old release gave away.</summary>
    public static async Task CheckSignaturesAsync(this OldRelease old, TestServer server)
    {
        var endpoints = (await old.As(server, "operator").FetchAsync("/operator/v1/webhook-endpoints")).Is(200).Json.GetProperty("items")
            .EnumerateArray().ToDictionary(endpoint => endpoint.Text("url")!, endpoint => endpoint.Text("id")!);
        Assert.NotEmpty(old.Receiver.All);
        foreach (var got in old.Receiver.All)
        {
            var url = old.ReceiverUrl + got.Target();
            if (got.IsCallback())
            {
                CheckCallback(old, got, WithUser(url, got));
                continue;
            }
            var secrets = old.Secret("webhooks", endpoints[url])!.Value.EnumerateArray().Select(secret => secret.GetString()!);
            Assert.Equal(string.Join(' ', secrets.Select(got.Signature)), got.Headers["webhook-signature"]);
        }
    }

    /// <summary><c>kore-signature</c> under this secret.</summary>
    public static string KoreSignature(this Received got, string secret, string url) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(secret + got.Method + url.Split('?')[0] + got.Body)));

    private static string Line(string method, string target, string? type, string? authorization, string body) =>
        $"{type} {method} {target} {authorization} {body}";

    private static void CheckCallback(OldRelease old, Received got, string url)
    {
        var form = Messaging.Form(got.Method == "GET" ? new Uri(url).Query.TrimStart('?') : got.Body);
        var account = form["AccountSid"];
        var token = old.Secret("tokens", account)!.Value.GetString()!;
        var secret = old.Secret("kore", account)?.GetString();
        var signed = url + (got.Method == "GET"
            ? ""
            : string.Concat(form.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key + pair.Value)));
#pragma warning disable CA5350 // Twilio's scheme.
        var signature = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(signed)));
#pragma warning restore CA5350
        Assert.Equal(signature, got.Headers["X-Twilio-Signature"]);
        Assert.Equal(secret is null ? "" : got.KoreSignature(secret, url), got.Headers["kore-signature"]);
    }

    /// <summary>User and password of a URL come in a header, but are signed as a part of the URL.</summary>
    private static string WithUser(string url, Received got)
    {
        if (!got.Headers.TryGetValue("Authorization", out var basic))
            return url;
        var user = Encoding.UTF8.GetString(Convert.FromBase64String(basic["Basic ".Length..])).Split(':').Select(Uri.EscapeDataString);
        return url.Replace("//", $"//{string.Join(':', user)}@", StringComparison.Ordinal);
    }
}
