using System.Security.Cryptography;
using System.Text;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>Signs callbacks as KORE does.</summary>
public static class KoreSignature
{
    public const string Header = "kore-signature";

    /// <summary>
    /// Makes the signature: the SHA-256, in hex, of secret, method, URL without query and fragment, and body, one after the other (KORE,
    /// "Validate Webhook Signatures").
    /// </summary>
    public static string Of(string secret, string method, string url, ReadOnlySpan<byte> body)
    {
        var end = url.AsSpan().IndexOfAny('?', '#');
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{secret}{method}{(end < 0 ? url : url[..end])}"));
        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
