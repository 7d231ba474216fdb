using System.Security.Cryptography;
using System.Text;

namespace Simkeeper.Server.Dialects.Twilio;

/// <summary>Signs requests as Twilio does, so that a receiver can tell that they came from us.</summary>
public static class TwilioSignature
{
    public const string Header = "X-Twilio-Signature";

    /// <summary>
    /// Makes the signature: base64 of HMAC-SHA-1 under the account's auth token, over the URL with its query and, for a form POST, every
    /// parameter as name and value, in ordinal order of the names (Twilio, "Validating requests").
    /// </summary>
    public static string Of(string authToken, string url, IEnumerable<KeyValuePair<string, string>> formParameters)
    {
        var data = new StringBuilder(url);
        foreach (var (name, value) in formParameters.OrderBy(parameter => parameter.Key, StringComparer.Ordinal))
            data.Append(name).Append(value);
#pragma warning disable CA5350 // Twilio's scheme, fixed by every validating library.
        return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(authToken), Encoding.UTF8.GetBytes(data.ToString())));
#pragma warning restore CA5350
    }
}
