using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Simkeeper.Core;

namespace Simkeeper.Server.Accounts;

/// <summary>
/// Access tokens of OAuth2 clients: JWTs (RFC 7519) signed with HS256 under a key of this installation. A token says which client it is
/// and until when; what the client may do is looked up by its id, so that a revoked client's tokens end with it.
/// </summary>
internal sealed class AccessTokens(byte[] key, TimeProvider wall)
{
    /// <summary><c>{"alg":"HS256","typ":"JWT"}</c> and a dot: the only header that is written, and the only one that is taken.</summary>
    public const string Header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";

    private const string Issuer = "simkeeper";

    /// <summary>
    /// The time by which servers' clocks may differ. A token from further ahead was issued before the clock was set back.
    /// </summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private const int PayloadMax = 512;

    /// <summary>
    /// Issues a token to a client. It holds for the given time, but ends with the client's own end; the answer says after how long.
    /// </summary>
    public (string Token, TimeSpan Life) Issue(Caller client, TimeSpan life)
    {
        var now = wall.GetUtcNow();
        if (client.ExpiresAt is { } ends && ends - now < life)
            life = ends - now;
        var payload = new ArrayBufferWriter<byte>(PayloadMax);
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            json.WriteString("account", client.Account!.Sid);
            json.WriteNumber("exp", (now + life).ToUnixTimeSeconds());
            json.WriteNumber("iat", now.ToUnixTimeSeconds());
            json.WriteString("iss", Issuer);
            json.WriteString("scope", Scope(client));
            json.WriteString("sub", Ids.ToBase62("cli", client.CredentialId));
            json.WriteEndObject();
        }
        var signed = Header + Base64Url.EncodeToString(payload.WrittenSpan);
        return ($"{signed}.{Base64Url.EncodeToString(Sign(signed))}", life);
    }

    /// <summary>The client's right: <c>read</c> or <c>write</c>.</summary>
    public static string Scope(Caller client) => client.ReadOnly ? "read" : "write";

    /// <summary>The client and account that a token was issued to, and its times; null: it is none of ours.</summary>
    public (Guid AccountId, Guid ClientId, DateTimeOffset NotBefore, DateTimeOffset ExpiresAt)? Read(string token)
    {
        var end = token.LastIndexOf('.');
        if (!token.StartsWith(Header, StringComparison.Ordinal) || end < Header.Length || !IsSigned(token, end))
            return null;
        Span<byte> payload = stackalloc byte[PayloadMax];
        if (!Base64Url.TryDecodeFromChars(token.AsSpan(Header.Length, end - Header.Length), payload, out var length))
            return null;
        // Only we can have signed it, so it is as Issue writes it.
        using var document = JsonDocument.Parse(payload[..length].ToArray());
        var claims = document.RootElement;
        return Ids.TryParseSid("AC", claims.GetProperty("account").GetString(), out var account)
            && Ids.TryParseBase62("cli", claims.GetProperty("sub").GetString(), out var client)
                ? (account, client, Time("iat") - Skew, Time("exp"))
                : null;

        DateTimeOffset Time(string claim) => DateTimeOffset.FromUnixTimeSeconds(claims.GetProperty(claim).GetInt64());
    }

    private bool IsSigned(string token, int end)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return Base64Url.IsValid(token.AsSpan(end + 1), out var length) && length == given.Length
            && Base64Url.TryDecodeFromChars(token.AsSpan(end + 1), given, out _)
            && CryptographicOperations.FixedTimeEquals(given, Sign(token[..end]));
    }

    private byte[] Sign(string text) => HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(text));
}
