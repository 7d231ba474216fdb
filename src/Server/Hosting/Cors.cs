using System.Net;

namespace Simkeeper.Server.Hosting;

/// <summary>
/// Says which pages of a browser may read answers (the Fetch standard, CORS). A sandbox has keys that everybody knows, so by default only
/// pages of this machine may, and a request that any other page has sent is refused: a form can be posted without asking first.
/// </summary>
internal sealed class Cors
{
    private const string Any = "*";

    private readonly HashSet<string> _named;
    private readonly string? _own;
    private readonly bool _any, _loopback;

    public Cors(HttpSettings http, SandboxSettings sandbox)
    {
        _loopback = sandbox.Enabled;
        _any = http.Cors is { } given ? given.Contains(Any) : !sandbox.Enabled;
        _named = new HashSet<string>(http.Cors ?? [], StringComparer.OrdinalIgnoreCase);
        _own = http.PublicUrl is { } url ? new Uri(url).GetLeftPart(UriPartial.Authority) : null;
    }

    /// <summary>True if a request from another page is refused, and not only answered in a form that the page cannot read.</summary>
    public bool Refuses => _loopback && !_any;

    /// <summary>Lets the page that asks read the answer, if it may.</summary>
    public void Allow(HttpContext context)
    {
        var headers = context.Response.Headers;
        if (_any)
        {
            headers.AccessControlAllowOrigin = Any;
            return;
        }
        headers.Vary = "Origin";
        if (context.Request.Headers.Origin is [{ Length: > 0 } origin] && MayRead(origin))
            headers.AccessControlAllowOrigin = origin;
    }

    /// <summary>Refuses requests of pages that may not read the answer.</summary>
    public Task FilterAsync(HttpContext context, RequestDelegate next)
    {
        var origins = context.Request.Headers.Origin;
        if (origins.Count == 0 || (origins is [{ } origin] && MayRead(origin)))
            return next(context);
        return JsonAnswer.WriteProblemAsync(context.Response, StatusCodes.Status403Forbidden, "Unknown origin", "unknownOrigin",
            $"Pages of {Requests.Shown(origins.ToString())} may not use this sandbox. Name the origin in Http:Cors.");
    }

    private bool MayRead(string origin) => _named.Contains(origin) || origin.Equals(_own, StringComparison.OrdinalIgnoreCase)
        || (_loopback && Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Scheme is "http" or "https"
            && IsLoopback(page.IdnHost));

    private static bool IsLoopback(string host) => host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
