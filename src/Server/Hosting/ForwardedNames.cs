using Microsoft.Extensions.Primitives;

namespace Simkeeper.Server.Hosting;

/// <summary>
/// Drops what a proxy says in <c>X-Forwarded-Proto</c> and <c>X-Forwarded-Host</c> if it is no http scheme or no host: both become parts of
/// URLs in answers. Of several values, the last one is the proxy's own and counts.
/// </summary>
internal static class ForwardedNames
{
    private const string Proto = "X-Forwarded-Proto", Host = "X-Forwarded-Host";

    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Request.Headers;
        if (headers.TryGetValue(Proto, out var scheme) && Last(scheme).ToLowerInvariant() is not ("http" or "https"))
            headers.Remove(Proto);
        if (headers.TryGetValue(Host, out var host) && !KnownHosts.IsHost(new HostString(Last(host))))
            headers.Remove(Host);
        return next(context);
    }

    private static string Last(StringValues values) => values.ToString().Split(',')[^1].Trim().Trim('"');
}
