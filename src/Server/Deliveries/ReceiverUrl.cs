using System.Buffers;
using System.Net;
using Simkeeper.Core;

namespace Simkeeper.Server.Deliveries;

/// <summary>
/// The rules for URLs that messages are sent to. The door and the sender read a URL by the same method, so a URL that was accepted can be
/// sent.
/// </summary>
internal static class ReceiverUrl
{
    public const int LengthMax = 2048;

    /// <summary>The longest name of a host and of a part of it (RFC 1035, 2.3.4).</summary>
    private const int HostMax = 253, LabelMax = 63;

    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>Finds what is wrong with a URL that an operator has messages sent to; null: nothing.</summary>
    /// <param name="name">The name that the error gives the value.</param>
    public static Error? Check(string name, string url, bool sandbox)
    {
        if (url.Length > LengthMax || Read(url) is not var (parsed, credentials))
            return new Error(ErrorCode.InvalidValue, $"{name} is an absolute https URL of at most {LengthMax} characters.", name);
        if (parsed.Scheme != "https" && !sandbox)
            return new Error(ErrorCode.InvalidValue, $"{name} must be https; plain http is for the sandbox.", name);
        return credentials is null && !url.Contains('#')
            ? null
            : new Error(ErrorCode.InvalidValue, $"{name} has neither credentials nor a #fragment; the signature says who sent it.", name);
    }

    /// <summary>The URL as it is requested, and the credentials before its @; null: it cannot be sent.</summary>
    public static (Uri Url, string? Credentials)? Read(string url)
    {
        if (Canonical(url) is not { } canonical || Canonical(canonical) != canonical
            || !Uri.TryCreate(canonical, UriKind.Absolute, out var parsed) || !IsHost(parsed))
            return null;
        if (parsed.UserInfo.Length == 0)
            return (parsed, null);
        var bare = parsed.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
        return Uri.TryCreate(bare, UriKind.Absolute, out var requested) && requested.IdnHost == parsed.IdnHost
            ? (requested, Uri.UnescapeDataString(parsed.UserInfo))
            : null;
    }

    /// <summary>
    /// An absolute URL in the form in which it is requested: host in lower case and punycode, no default port, no <c>/../</c>, everything
    /// escaped that must be, no fragment; with user and password. A receiver verifies the URL it sees, so this form is signed. Null: it is
    /// no http or https URL, or it has no such form.
    /// </summary>
    public static string? Canonical(string url)
    {
        try
        {
            if (url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) || !Uri.TryCreate(url, UriKind.Absolute, out var parsed)
                || parsed.Scheme is not ("http" or "https"))
                return null;
            var user = parsed.UserInfo.Length > 0 ? parsed.UserInfo + "@" : "";
            var host = parsed.HostNameType == UriHostNameType.IPv6 ? $"[{parsed.IdnHost}]" : parsed.IdnHost;
            var port = parsed.IsDefaultPort ? "" : $":{parsed.Port}";
            return host.Length == 0 ? null : $"{parsed.Scheme}://{user}{host}{port}{parsed.PathAndQuery}";
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException)
        {
            // A host that has no form in punycode.
            return null;
        }
    }

    private static bool IsHost(Uri url) => url.HostNameType switch
    {
        UriHostNameType.IPv4 => true,
        UriHostNameType.IPv6 => IPAddress.TryParse(url.IdnHost, out _),
        _ => url.IdnHost.Length <= HostMax && !url.IdnHost.AsSpan().ContainsAnyExcept(HostCharacters)
            && url.IdnHost.TrimEnd('.').Split('.').All(label => label.Length is > 0 and <= LabelMax),
    };
}
