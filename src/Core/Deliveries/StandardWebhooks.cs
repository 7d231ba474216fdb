using System.Security.Cryptography;
using System.Text;

namespace Simkeeper.Core.Deliveries;

/// <summary>Signs messages as the Standard Webhooks specification says, so that a receiver can tell that they came from us.</summary>
public static class StandardWebhooks
{
    /// <summary>The start of a secret.</summary>
    public const string SecretPrefix = "whsec_";

    /// <summary>
    /// Makes the <c>webhook-signature</c>: <c>v1,</c> and base64 of HMAC-SHA-256 over id, timestamp and body with full stops between them
    /// (Standard Webhooks, "Signature scheme").
    /// </summary>
    /// <param name="secret"><c>whsec_</c> and the key in base64.</param>
    /// <param name="id">The <c>webhook-id</c>.</param>
    /// <param name="timestamp">The <c>webhook-timestamp</c>: seconds since 1970, UTC.</param>
    /// <param name="body">The bytes as they are sent.</param>
    /// <exception cref="FormatException">The secret has another form.</exception>
    public static string Sign(string secret, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var key = Convert.FromBase64String(secret[SecretPrefix.Length..]);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed));
    }
}
