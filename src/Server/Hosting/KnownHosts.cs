using System.Net;

namespace Simkeeper.Server.Hosting;

/// <summary>
/// Answers requests whose Host is no name of a host with 400, since answers build URLs from it, and in a sandbox those for an unknown Host
/// with 421. A sandbox has keys that everybody knows, and a page in a browser can give
/// its own name the address 127.0.0.1: then its requests come here, but with its name in Host.
/// </summary>
internal sealed class KnownHosts(HttpSettings settings, SandboxSettings sandbox)
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
        if (host.HasValue && !IsHost(host))
            return RefuseAsync(context, StatusCodes.Status400BadRequest);
        if (sandbox.Enabled && !IsKnown(host.Host, context.Connection.LocalIpAddress))
            return RefuseAsync(context, StatusCodes.Status421MisdirectedRequest);
        _last = host.Value;
        return next(context);
    }

    /// <summary>Checks for the name or address of a host, with or without a port.</summary>
    public static bool IsHost(HostString host)
    {
        if (Uri.CheckHostName(host.Host.Trim('[', ']')) == UriHostNameType.Unknown)
            return false;
        var port = host.Value!.AsSpan(host.Host.Length);
        return port.IsEmpty || (host.Port is > 0 and <= ushort.MaxValue && port[1..].IndexOfAnyExceptInRange('0', '9') < 0);
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

    private static Task RefuseAsync(HttpContext context, int status)
    {
        var (response, host) = (context.Response, Requests.Shown(context.Request.Host.Value!));
        response.Headers.Connection = "close";
        return status == StatusCodes.Status400BadRequest
            ? JsonAnswer.WriteProblemAsync(response, status, "Malformed", "malformed", $"The Host {host} is no name of a host.")
            : JsonAnswer.WriteProblemAsync(response, status, "Unknown host", "unknownHost",
                $"This sandbox is not known as {host}. Name it in Http:Hosts, or ask for localhost.");
    }
}
