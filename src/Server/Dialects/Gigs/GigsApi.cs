using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>
/// The Gigs dialect: everything under <c>/projects</c>. Checks run in the documented order: headers, path, query and body.
/// </summary>
internal sealed class GigsApi(Credentials credentials, GigsSims sims, Door door, Cors cors, ILogger<GigsApi> log)
{
    public const int IdempotencyKeyMax = 255;

    public Routes<Caller> Routes { get; } = new(
        new("GET", "/projects/{project}/sims", sims.ListAsync, Work.List),
        new("POST", "/projects/{project}/sims/search", sims.SearchAsync, Work.Read),
        new("GET", "/projects/{project}/sims/{sim}", sims.GetAsync),
        new("PATCH", "/projects/{project}/sims/{sim}", sims.UpdateAsync),
        new("GET", "/projects/{project}/sims/{sim}/credentials", sims.CredentialsAsync),
        new("GET", "/projects/{project}/sims/{sim}/eSimProfile", sims.ProfileAsync));

    public async Task HandleAsync(HttpContext context)
    {
        cors.Allow(context);
        if (context.Request.Method == "OPTIONS")
        {
            context.Response.Headers.AccessControlAllowMethods = "GET, POST, PATCH, OPTIONS";
            context.Response.Headers.AccessControlAllowHeaders = "Authorization, Content-Type, Accept, Idempotency-Key, Cache";
            context.Response.Headers.AccessControlMaxAge = "86400";
            context.Response.StatusCode = 204;
            return;
        }
        await Failures.AnswerAsync(context, log, RouteAsync, ErrorOf, GigsError.Internal,
            static (context, error) => error.WriteAsync(context.Response));
    }

    private static GigsError? ErrorOf(Exception e) => e switch
    {
        GigsException refused => refused.Error,
        BadHttpRequestException { StatusCode: 413 } => new GigsError(422, "invalid", e.Message),
        BadHttpRequestException { StatusCode: 408 } => new GigsError(408, "malformed", e.Message),
        BadHttpRequestException { StatusCode: 415 } => new GigsError(415, "malformed", e.Message),
        BadHttpRequestException => GigsError.Malformed(e.Message),
        StoreAwayException => GigsError.StoreAway,
        OutOfTimeException => GigsError.OutOfTime,
        _ => null,
    };

    private async Task RouteAsync(HttpContext context)
    {
        var request = context.Request;
        if (await door.KnockAsync(context) is { } wait)
            throw new GigsException(GigsError.TooManyRequests(wait));
        var (caller, retryAfter) = await credentials.BearerAsync(context);
        if (retryAfter is { } seconds)
            throw new GigsException(GigsError.TooManyFailures(seconds));
        if (caller is not { Kind: GigsKey.Word })
            throw new GigsException(GigsError.Unauthenticated);
        if (caller.Account!.Status == AccountStatus.Suspended)
            throw new GigsException(GigsError.AccountSuspended);
        if (request.Method is "POST" or "DELETE" && request.Headers["Idempotency-Key"].ToString().Length > IdempotencyKeyMax)
            throw new GigsException(GigsError.Invalid("Idempotency-Key", $"Idempotency-Key has at most {IdempotencyKeyMax} characters."));
        var path = request.Path();
        if (path.Length > 1 && path[1] != caller.Account.Project)
            throw new GigsException(GigsError.NotFound("The project"));
        var (route, values, _) = Routes.Match(request.Method, path);
        if (route is null)
            throw new GigsException(GigsError.NotFound("The requested path"));
        if (caller.ReadOnly && request.Method == "PATCH")
            throw new GigsException(GigsError.ReadOnlyKey);
        // A search with an Idempotency-Key stores its answer.
        var stores = request.Method == "POST" && request.Headers.ContainsKey("Idempotency-Key") && !caller.ReadOnly;
        using var place = await door.EnterAsync(context, caller.Party, stores ? Work.Change : route.Work);
        if (place.RetryAfter is { } later)
            throw new GigsException(GigsError.TooManyRequests(later));
        await route.Handle(context, caller, values);
    }
}
