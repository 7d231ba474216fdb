using Simkeeper.Server.Accounts;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>KORE's token endpoint: OAuth2 client credentials (RFC 6749 §4.4), with KORE's own shapes of errors.</summary>
internal sealed class KoreTokens(
    Credentials credentials, AccessTokens tokens, KoreSettings settings, Door door, Cors cors, ILogger<KoreTokens> log)
{
    public const string Path = "/api-services/v1/auth/token";

    public async Task HandleAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        cors.Allow(context);
        headers.AccessControlAllowMethods = "POST, OPTIONS";
        headers.AccessControlAllowHeaders = "Content-Type, Authorization";
        headers.AccessControlAllowCredentials = "true";
        headers.CacheControl = "no-store";
        headers.Pragma = "no-cache";
        if (string.Join('/', context.Request.Path()) != Path[1..])
        {
            await RefuseAsync(context, TwilioError.NotFound(context.Request));
            return;
        }
        await Failures.AnswerAsync(context, log, RouteAsync, ErrorOf, TwilioError.Internal, RefuseAsync);
    }

    private static TwilioError? ErrorOf(Exception e) => e switch
    {
        TwilioException refused => refused.Error with { Status = 400 },
        BadHttpRequestException => TwilioError.InvalidParameter(e.Message),
        StoreAwayException => TwilioError.StoreAway,
        OutOfTimeException => TwilioError.OutOfTime,
        _ => null,
    };

    private Task RouteAsync(HttpContext context) => context.Request.Method switch
    {
        "POST" => IssueAsync(context),
        "OPTIONS" => Task.CompletedTask,
        _ => RefuseAsync(context, TwilioError.MethodNotAllowed),
    };

    private async Task IssueAsync(HttpContext context)
    {
        if (await door.KnockAsync(context) is { } wait)
        {
            await RefuseAsync(context, TwilioError.TooManyRequests(wait));
            return;
        }
        var form = await TwilioForm.ReadAsync(context.Request, settings.Dialect);
        if (form.Given("grant_type") is not { } grant)
            throw Missing("grant_type");
        if (grant != "client_credentials")
            throw new TwilioException(TwilioError.InvalidParameter("grant_type is client_credentials."));
        var (client, retryAfter) = await credentials.FindAsync(Client(context.Request, form), context);
        if (retryAfter is { } seconds)
            await RefuseAsync(context, TwilioError.TooManyFailures(seconds));
        else if (client is not { Kind: KeyKind.ClientWord })
            await RefuseAsync(context, "invalid_client", "Invalid client or Invalid client credentials");
        else if (client.Account!.Status != AccountStatus.Active)
            await RefuseAsync(context, "unauthorized_client", "The client's account is suspended");
        else
            await AnswerAsync(context, client);
    }

    /// <summary>Reads <c>id:secret</c> from the form or from Basic, but not from both (RFC 6749 §2.3).</summary>
    private static string Client(HttpRequest request, TwilioForm form)
    {
        if (request.Basic() is { } basic)
        {
            return form.Given("client_secret") is null
                ? basic
                : throw new TwilioException(TwilioError.InvalidParameter(
                    "Send the client's secret either in the form or as Basic, not twice."));
        }
        return $"{form.Given("client_id") ?? throw Missing("client_id")}:{form.Given("client_secret") ?? throw Missing("client_secret")}";
    }

    private static TwilioException Missing(string name) => new(new TwilioError(20002, 400, $"{name} is required."));

    private Task AnswerAsync(HttpContext context, Caller client)
    {
        var (token, life) = tokens.Issue(client, settings.TokenLife);
        return JsonAnswer.WriteAsync(context.Response, 200, (token, life, scope: AccessTokens.Scope(client)), static (json, answer) =>
        {
            json.WriteStartObject();
            json.WriteString("access_token", answer.token);
            json.WriteNumber("expires_in", (long)answer.life.TotalSeconds);
            json.WriteString("token_type", "Bearer");
            json.WriteString("scope", answer.scope);
            json.WriteEndObject();
        });
    }

    private static Task RefuseAsync(HttpContext context, string error, string description)
    {
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"Simkeeper API\"";
        return JsonAnswer.WriteAsync(context.Response, 401, (error, description), static (json, answer) =>
        {
            json.WriteStartObject();
            json.WriteString("error", answer.error);
            json.WriteString("error_description", answer.description);
            json.WriteEndObject();
        });
    }

    private static Task RefuseAsync(HttpContext context, TwilioError error)
    {
        if (error.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString();
        return JsonAnswer.WriteAsync(context.Response, error.Status, error, static (json, error) =>
        {
            json.WriteStartObject();
            json.WriteNumber("code", error.Code);
            json.WriteString("message", error.Message);
            json.WriteEndObject();
        });
    }
}
