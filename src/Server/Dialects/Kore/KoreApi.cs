using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>The KORE dialect, KORE / Twilio Programmable Wireless: everything under <c>/v1</c> and <c>/2010-04-01</c>.</summary>
internal sealed class KoreApi(
    Credentials credentials, KoreSims sims, KoreRatePlans plans, KoreCommands commands, KoreUsage usage, KoreAccounts accounts,
    KoreApiKeys keys, KoreSecrets secrets, KoreEvents events, KoreAlerts alerts, KoreSettings settings, Door door, Cors cors,
    ILogger<KoreApi> log)
{
    private const string JsonSuffix = UniqueName.JsonSuffix;

    public Routes<Caller> Routes { get; } = new(
        new("GET", "/v1/Sims", sims.ListAsync, Work.List),
        new("GET", "/v1/Sims/{Sid}", sims.FetchAsync),
        new("POST", "/v1/Sims/{Sid}", sims.UpdateAsync),
        new("DELETE", "/v1/Sims/{Sid}", sims.DeleteAsync),
        new("GET", "/v1/Sims/{SimSid}/UsageRecords", usage.OfSimAsync, Work.List),
        new("GET", "/v1/Sims/{SimSid}/DataSessions", usage.SessionsAsync, Work.List),
        new("GET", "/v1/UsageRecords", usage.OfAccountAsync, Work.List),
        new("GET", "/v1/RatePlans", plans.ListAsync, Work.List),
        new("POST", "/v1/RatePlans", plans.CreateAsync),
        new("GET", "/v1/RatePlans/{Sid}", plans.FetchAsync),
        new("POST", "/v1/RatePlans/{Sid}", plans.UpdateAsync),
        new("DELETE", "/v1/RatePlans/{Sid}", plans.DeleteAsync),
        new("GET", "/v1/Commands", commands.ListAsync, Work.List),
        new("POST", "/v1/Commands", commands.CreateAsync),
        new("GET", "/v1/Commands/{Sid}", commands.FetchAsync),
        new("DELETE", "/v1/Commands/{Sid}", commands.DeleteAsync),
        new("GET", "/2010-04-01/Accounts", accounts.ListAsync, Work.List),
        new("POST", "/2010-04-01/Accounts", accounts.CreateAsync),
        new("GET", "/2010-04-01/Accounts/{Sid}", accounts.FetchAsync),
        new("POST", "/2010-04-01/Accounts/{Sid}", accounts.UpdateAsync),
        new("GET", KoreApiKeys.Path, keys.ListAsync, Work.List),
        new("POST", KoreApiKeys.Path, keys.CreateAsync),
        new("GET", KoreApiKeys.Path + "/{Sid}", keys.FetchAsync),
        new("POST", KoreApiKeys.Path + "/{Sid}", keys.UpdateAsync),
        new("DELETE", KoreApiKeys.Path + "/{Sid}", keys.DeleteAsync),
        new("GET", KoreSecrets.Path, secrets.ListAsync, Work.List),
        new("POST", KoreSecrets.Path, secrets.CreateAsync),
        new("PATCH", KoreSecrets.Path + "/{id}", secrets.UpdateAsync),
        new("GET", "/v1/Events", events.ListAsync, Work.List),
        new("GET", "/v1/Events/{Sid}", events.FetchAsync),
        new("GET", "/v1/Alerts", alerts.ListAsync, Work.List));

    public async Task HandleAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        cors.Allow(context);
        headers.AccessControlAllowMethods = "GET, POST, PATCH, DELETE, OPTIONS";
        headers.AccessControlAllowHeaders = "Content-Type, Authorization";
        headers.AccessControlAllowCredentials = "true";
        headers.AccessControlExposeHeaders = "Content-Type";
        if (context.Request.Method == "OPTIONS")
        {
            context.Response.StatusCode = 204;
            return;
        }
        await Failures.AnswerAsync(context, log, RouteAsync, ErrorOf, TwilioError.Internal, WriteAsync);
    }

    private static TwilioError? ErrorOf(Exception e) => e switch
    {
        TwilioException refused => refused.Error,
        BadHttpRequestException bad => new TwilioError(20001, bad.StatusCode, bad.Message),
        StoreAwayException => TwilioError.StoreAway,
        OutOfTimeException => TwilioError.OutOfTime,
        _ => null,
    };

    private Task WriteAsync(HttpContext context, TwilioError error) => error.WriteAsync(context.Response, settings.MoreInfoUrl,
        context.Request.Path.StartsWithSegments(KoreSecrets.Path, StringComparison.Ordinal) ? "info" : "more_info");

    private async Task RouteAsync(HttpContext context)
    {
        var request = context.Request;
        if (await door.KnockAsync(context) is { } wait)
            throw new TwilioException(TwilioError.TooManyRequests(wait));
        var caller = await CallerAsync(context);
        if (caller.Account!.Status == AccountStatus.Suspended)
            throw new TwilioException(TwilioError.AccountSuspended);
        var path = request.Path();
        if (path.Length > 0 && path[^1].EndsWith(JsonSuffix, StringComparison.Ordinal))
            path[^1] = path[^1][..^JsonSuffix.Length];
        var (route, values, knownPath) = Routes.Match(request.Method, path);
        if (route is null)
        {
            if (!knownPath)
                throw new TwilioException(TwilioError.NotFound(request));
            context.Response.Headers.Allow = Routes.Allowed(path);
            throw new TwilioException(TwilioError.MethodNotAllowed);
        }
        if (caller.ReadOnly && request.Method != "GET")
            throw new TwilioException(TwilioError.ReadOnlyKey);
        using var place = await door.EnterAsync(context, caller.Party, route.Work);
        if (place.RetryAfter is { } later)
            throw new TwilioException(TwilioError.TooManyRequests(later));
        await route.Handle(context, caller, values);
    }

    private async ValueTask<Caller> CallerAsync(HttpContext context)
    {
        var isToken = context.Request.HasBearer();
        var (caller, retryAfter) = await (isToken ? credentials.TokenAsync(context) : credentials.BasicAsync(context));
        if (retryAfter is { } seconds)
            throw new TwilioException(TwilioError.TooManyFailures(seconds));
        if (isToken)
            return caller ?? throw new TwilioException(KoreErrors.BearerDenied);
        return caller is { Kind: KeyKind.TokenWord or KoreKey.Word }
            ? caller
            : throw new TwilioException(TwilioError.Unauthenticated);
    }
}
