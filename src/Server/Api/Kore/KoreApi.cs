using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Api.Kore;

/// <summary>The KORE dialect, KORE / Twilio Programmable Wireless: everything under <c>/v1</c>.</summary>
internal sealed class KoreApi(
    Credentials credentials, KoreSims sims, KoreRatePlans plans, KoreCommands commands, Settings settings, ILogger<KoreApi> log)
{
    private const string JsonSuffix = ".json";

    public Routes<Caller> Routes { get; } = new(
        new("GET", "/v1/Sims", sims.ListAsync),
        new("GET", "/v1/Sims/{Sid}", sims.FetchAsync),
        new("POST", "/v1/Sims/{Sid}", sims.UpdateAsync),
        new("DELETE", "/v1/Sims/{Sid}", sims.DeleteAsync),
        new("GET", "/v1/RatePlans", plans.ListAsync),
        new("POST", "/v1/RatePlans", plans.CreateAsync),
        new("GET", "/v1/RatePlans/{Sid}", plans.FetchAsync),
        new("POST", "/v1/RatePlans/{Sid}", plans.UpdateAsync),
        new("DELETE", "/v1/RatePlans/{Sid}", plans.DeleteAsync),
        new("GET", "/v1/Commands", commands.ListAsync),
        new("POST", "/v1/Commands", commands.CreateAsync),
        new("GET", "/v1/Commands/{Sid}", commands.FetchAsync),
        new("DELETE", "/v1/Commands/{Sid}", commands.DeleteAsync));

    public async Task HandleAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = "GET, POST, DELETE, OPTIONS";
        headers.AccessControlAllowHeaders = "Content-Type, Authorization";
        headers.AccessControlAllowCredentials = "true";
        headers.AccessControlExposeHeaders = "Content-Type";
        if (context.Request.Method == "OPTIONS")
        {
            context.Response.StatusCode = 204;
            return;
        }
        try
        {
            await RouteAsync(context);
        }
        catch (KoreException e)
        {
            await e.Error.WriteAsync(context.Response, settings.MoreInfoUrl);
        }
        catch (BadHttpRequestException e)
        {
            await new KoreError(20001, e.StatusCode, e.Message).WriteAsync(context.Response, settings.MoreInfoUrl);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            log.LogError(e, "Request {RequestId} failed.", context.TraceIdentifier);
            await KoreError.Internal.WriteAsync(context.Response, settings.MoreInfoUrl);
        }
    }

    private async Task RouteAsync(HttpContext context)
    {
        var request = context.Request;
        var caller = request.Basic() is { } userAndSecret ? await credentials.FindAsync(userAndSecret) : null;
        if (caller is not { Kind: CredentialKind.Token or CredentialKind.Kore })
            throw new KoreException(KoreError.Unauthenticated);
        var path = request.Path();
        if (path.Length > 0 && path[^1].EndsWith(JsonSuffix, StringComparison.Ordinal))
            path[^1] = path[^1][..^JsonSuffix.Length];
        var (route, values, knownPath) = Routes.Match(request.Method, path);
        if (route is null)
            throw new KoreException(knownPath ? KoreError.MethodNotAllowed : KoreError.NotFound(request));
        if (caller.ReadOnly && request.Method != "GET")
            throw new KoreException(KoreError.ReadOnlyKey);
        await route.Handle(context, caller, values);
    }
}
