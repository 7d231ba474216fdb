using System.Net;

namespace Simkeeper.Server.Hosting;

/// <summary>
/// Answers requests for an unknown Host with 421 in a sandbox. A sandbox has keys that everybody knows, and a page in a browser can give
/// its own name the address 127.0.0.1: then its requests come here, but with its name in Host.
/// </summary>
internal sealed class KnownHosts(HttpSettings settings)
{
    private readonly HashSet<string> _known = new(
        settings.PublicUrl is { } url ? [.. settings.Hosts, new Uri(url).Host] : settings.Hosts, StringComparer.OrdinalIgnoreCase);

    /// <summary>The Host of the last request that was let in: nearly every request repeats it.</summary>
    private string? _last;

    public Task FilterAsync(HttpContext context, RequestDelegate next)
    {
        var host = context.Request.Host;
        if (ReferenceEquals(host.Value, _last))
            return next(context);
        if (!IsKnown(host.Host, context.Connection.LocalIpAddress))
            return RefuseAsync(context);
        _last = host.Value;
        return next(context);
    }

    /// <summary>A request without a Host comes from no browser.</summary>
    private bool IsKnown(string host, IPAddress? local)
    {
        if (host.Length == 0 || _known.Contains(host) || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase))
            return true;
        return IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && (IPAddress.IsLoopback(address) || Requests.Shown(address) == (local is null ? null : Requests.Shown(local)));
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.Headers.Connection = "close";
        return JsonAnswer.WriteAsync(context.Response, StatusCodes.Status421MisdirectedRequest, context.Request.Host.Host,
            static (json, host) =>
            {
                json.WriteStartObject();
                json.WriteString("type", "about:blank");
                json.WriteString("title", "Unknown host");
                json.WriteNumber("status", StatusCodes.Status421MisdirectedRequest);
                json.WriteString("detail", $"This sandbox is not known as {Requests.Shown(host)}. "
                    + "Name it in Http:Hosts, or ask for localhost.");
                json.WriteString("code", "unknownHost");
                json.WriteEndObject();
            }, "application/problem+json");
    }
}
