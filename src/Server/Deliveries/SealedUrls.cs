using System.Security.Cryptography;
using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Deliveries;

/// <summary>
/// Keeps what is secret in callback URLs out of the store and away from readers: the credentials before the @, and the values of the query.
/// A URL that has them is stored without them, with the whole URL sealed in its fragment, which is never sent.
/// </summary>
internal sealed class SealedUrls(Secrets secrets, OpenedSecrets opened)
{
    private const string Mark = "#sealed=", Stars = "***";

    /// <summary>The form in which a URL is stored.</summary>
    public string Seal(string url) => HasSecret(url) ? Hidden(url) + Mark + Convert.ToBase64String(secrets.Seal(url)) : url;

    /// <summary>The whole URL of a stored one.</summary>
    /// <exception cref="FormatException">It was not stored by this program.</exception>
    /// <exception cref="CryptographicException">It was sealed with other keys.</exception>
    public string Open(string stored) => stored.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at
        ? opened.Open(Convert.FromBase64String(stored[(at + Mark.Length)..]))
        : stored;

    /// <summary>The whole URL of a stored one; without what is secret in it if that cannot be opened.</summary>
    public string OpenOrHidden(string stored)
    {
        try
        {
            return Open(stored);
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return Hidden(stored);
        }
    }

    /// <summary>True if a URL, not a stored one, has a part that may be secret.</summary>
    public static bool HasSecret(string url) =>
        url.Contains('?') || url.AsSpan(Authority(url)).Contains('@') || url.Contains(Mark, StringComparison.Ordinal);

    /// <summary>A URL, stored or whole, without the secrets of its receiver: a name before a password stays.</summary>
    public static string Shown(string url)
    {
        var whole = url.Split('#')[0];
        var (start, end) = (Authority(whole).Start.Value, Authority(whole).End.Value);
        var authority = whole.AsSpan(start, end - start);
        var at = authority.LastIndexOf('@');
        if (at < 0)
            return whole;
        var colon = authority[..at].IndexOf(':');
        return string.Concat(whole.AsSpan(0, start), colon > 0 ? $"{authority[..(colon + 1)]}{Stars}" : Stars, authority[at..],
            whole.AsSpan(end));
    }

    /// <summary>A URL, stored or whole, without anything that may be secret: the names in its query stay, and the values do not.</summary>
    public static string Hidden(string url)
    {
        var shown = Shown(url);
        var query = shown.IndexOf('?');
        return query < 0 ? shown : $"{shown[..query]}?{string.Join('&', shown[(query + 1)..].Split('&').Select(WithoutValue))}";
    }

    /// <summary>A parameter without a name may be a secret as a whole.</summary>
    private static string WithoutValue(string pair) =>
        pair.Length == 0 ? "" : pair.IndexOf('=') is > 0 and var at ? pair[..(at + 1)] + Stars : Stars;

    /// <summary>The place of user, password, host and port.</summary>
    private static Range Authority(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? at + 3 : 0;
        var length = url.AsSpan(start).IndexOfAny('/', '?', '#');
        return start..(length < 0 ? url.Length : start + length);
    }
}
