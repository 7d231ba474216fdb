using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>KORE's token endpoint: OAuth2 client credentials (RFC 6749 §4.4), with KORE's own shapes of errors.</summary>
internal sealed class KoreTokens(Credentials credentials, AccessTokens tokens, KoreSettings settings, ILogger<KoreTokens> log)
{
    public const string Path = "/api-services/v1/auth/token";

    public async Task HandleAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = "POST, OPTIONS";
        headers.AccessControlAllowHeaders = "Content-Type, Authorization";
        headers.AccessControlAllowCredentials = "true";
        headers.CacheControl = "no-store";
        headers.Pragma = "no-cache";
        if (string.Join('/', context.Request.Path()) != Path[1..])
        {
            await RefuseAsync(context, KoreError.NotFound(context.Request));
            return;
        }
        try
        {
            await (context.Request.Method switch
            {
                "POST" => IssueAsync(context),
                "OPTIONS" => Task.CompletedTask,
                _ => RefuseAsync(context, KoreError.MethodNotAllowed),
            });
        }
        catch (KoreException e)
        {
            await RefuseAsync(context, e.Error with { Status = 400 });
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(context, KoreError.InvalidParameter(e.Message));
        }
        catch (StoreAwayException) when (!context.Response.HasStarted)
        {
            headers.RetryAfter = StoreAwayException.RetryAfterSeconds.ToString();
            await RefuseAsync(context, KoreError.StoreAway);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            log.LogError(e, "Request {RequestId} failed.", context.TraceIdentifier);
            await RefuseAsync(context, KoreError.Internal);
        }
    }

    private async Task IssueAsync(HttpContext context)
    {
        var form = await KoreForm.ReadAsync(context.Request, settings);
        if (form.Given("grant_type") is not { } grant)
            throw Missing("grant_type");
        if (grant != "client_credentials")
            throw new KoreException(KoreError.InvalidParameter("grant_type is client_credentials."));
        var client = await credentials.FindAsync(Client(context.Request, form));
        if (client is not { Kind: CredentialKind.Client })
            await RefuseAsync(context, "invalid_client", "Invalid client or Invalid client credentials");
        else if (client.Account!.Status != AccountStatus.Active)
            await RefuseAsync(context, "unauthorized_client", "The client's account is suspended");
        else
            await AnswerAsync(context, client);
    }

    /// <summary><c>id:secret</c>, from the form or from Basic, but not from both (RFC 6749 §2.3).</summary>
    private static string Client(HttpRequest request, KoreForm form)
    {
        if (request.Basic() is { } basic)
        {
            return form.Given("client_secret") is null
                ? basic
                : throw new KoreException(KoreError.InvalidParameter("Send the client's secret either in the form or as Basic, not twice."));
        }
        return $"{form.Given("client_id") ?? throw Missing("client_id")}:{form.Given("client_secret") ?? throw Missing("client_secret")}";
    }

    private static KoreException Missing(string name) => new(new KoreError(20002, 400, $"{name} is required."));

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

    private static Task RefuseAsync(HttpContext context, KoreError error) =>
        JsonAnswer.WriteAsync(context.Response, error.Status, error, static (json, error) =>
        {
            json.WriteStartObject();
            json.WriteNumber("code", error.Code);
            json.WriteString("message", error.Message);
            json.WriteEndObject();
        });
}
