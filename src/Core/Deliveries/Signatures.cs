using System.Security.Cryptography;
using System.Text;

namespace Simkeeper.Core.Deliveries;

/// <summary>How a receiver can tell that a callback came from us.</summary>
public static class Signatures
{
    /// <summary>
    /// <c>X-Twilio-Signature</c>: base64 of HMAC-SHA-1 under the account's auth token, over the URL with its query and, for a form POST,
    /// every parameter as name and value, in ordinal order of the names (Twilio, "Validating requests").
    /// </summary>
    public static string Twilio(string authToken, string url, IEnumerable<KeyValuePair<string, string>> formParameters)
    {
        var data = new StringBuilder(url);
        foreach (var (name, value) in formParameters.OrderBy(parameter => parameter.Key, StringComparer.Ordinal))
            data.Append(name).Append(value);
#pragma warning disable CA5350 // Twilio's scheme, fixed by every validating library.
        return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(authToken), Encoding.UTF8.GetBytes(data.ToString())));
#pragma warning restore CA5350
    }

    /// <summary>
    /// <c>kore-signature</c>: the SHA-256, in hex, of secret, method, URL without query and fragment, and body, one after the other (KORE,
    /// "Validate Webhook Signatures").
    /// </summary>
    public static string Kore(string secret, string method, string url, ReadOnlySpan<byte> body)
    {
        var end = url.AsSpan().IndexOfAny('?', '#');
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{secret}{method}{(end < 0 ? url : url[..end])}"));
        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
