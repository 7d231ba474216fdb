using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Gigs;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Webhook endpoints: who is told of the Gigs events of an account.</summary>
internal sealed class OperatorWebhooks(
    Database database, Accounts.Accounts accounts, WebhookEndpoints endpoints, Webhooks webhooks, Messengers messengers, JobQueue jobs, SimClock clock,
    IdGenerator ids, HttpSettings settings, SandboxSettings sandbox)
{
    /// <summary>The ICCID in Gigs' own examples.</summary>
    private const string SampleIccid = "89883070000007537119";

    public async Task CreateAsync(HttpContext context, Caller caller, string[] path)
    {
        var body = await OperatorBody.ReadAsync(context.Request, settings, "account", "url", "events", "ordered");
        var account = await AccountAsync(body.Required("account"));
        var url = body.Required("url");
        if (WebhookEndpoints.Check("url", url, sandbox.Enabled) is { } wrongUrl)
            throw new ProblemException(Problem.From(wrongUrl));
        var events = body.Texts("events", GigsEvents.Types.Count) ?? ["*"];
        if (events.Count == 0 || events.FirstOrDefault(name => !GigsEvents.IsPattern(name)) is not null)
        {
            throw new ProblemException(Problem.Invalid("events",
                $"events names at least one of *, com.gigs.sim.*, com.gigs.eSimProfile.*, {string.Join(", ", GigsEvents.Types)}."));
        }
        var made = await endpoints.CreateAsync(account, url, events, body.Flag("ordered") ?? false);
        if (made.Error is { } error)
            throw new ProblemException(Problem.From(error));
        await WriteAsync(context, 201, made.Value.Endpoint, made.Value.Secret);
    }

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new OperatorQuery(context.Request, "account");
        var account = query["account"] is { } sid ? await AccountAsync(sid) : null;
        var items = await database.ReadAsync(session => AcrossOrgs.OldestAsync(session, WebhookEndpointSql.List, WebhookEndpointSql.Read,
            endpoint => endpoint.Id, query.Limit + 1, query.After ?? Guid.Empty, account is null, account?.Id ?? Guid.Empty));
        await OperatorPage.WriteAsync(
            context.Response, items, query.Limit, endpoint => endpoint.Id, (json, endpoint) => Write(json, endpoint, null));
    }

    public async Task GetAsync(HttpContext context, Caller caller, string[] path) => await WriteAsync(context, 200, await FindAsync(path[0]));

    public async Task DeleteAsync(HttpContext context, Caller caller, string[] path)
    {
        await endpoints.DeleteAsync(await FindAsync(path[0]));
        context.Response.StatusCode = 204;
    }

    /// <summary>Lets an endpoint that was disabled for its failures hear again; one that is enabled stays so.</summary>
    public async Task EnableAsync(HttpContext context, Caller caller, string[] path)
    {
        await endpoints.EnableAsync(await FindAsync(path[0]), caller.Actor(context.Address()));
        await WriteAsync(context, 200, await FindAsync(path[0]));
    }

    public async Task RotateAsync(HttpContext context, Caller caller, string[] path)
    {
        var rotated = await endpoints.RotateAsync(await FindAsync(path[0]));
        if (rotated.Error is { } error)
            throw new ProblemException(Problem.From(error));
        await WriteAsync(context, 200, await FindAsync(path[0]), rotated.Value);
    }

    /// <summary>Sends a sample of an event, of a SIM that does not exist.</summary>
    public async Task TestAsync(HttpContext context, Caller caller, string[] path)
    {
        var endpoint = await FindAsync(path[0]);
        var body = await OperatorBody.ReadAsync(context.Request, settings, "event");
        var type = body.OneOf("event", [.. GigsEvents.Types]) ?? GigsEvents.SimUpdated;
        if (!endpoint.Enabled)
            throw new ProblemException(new Problem(409, "stateForbids", "The state forbids it", "The endpoint is disabled. Enable it first."));
        var account = (await accounts.FindAsync(endpoint.AccountId))!;
        var now = clock.Now;
        var delivery = await database.WriteAsync(session => webhooks.TestAsync(session, endpoint, account.Project, Sample(endpoint, type, now), now));
        jobs.Wake(Lane.Deliveries);
        await JsonAnswer.WriteAsync(context.Response, 202, delivery, (json, sent) => OperatorDeliveries.Write(json, messengers, sent));
    }

    private GigsEvent Sample(WebhookEndpoint endpoint, string type, DateTimeOffset now)
    {
        var sim = new Sim
        {
            OrgId = endpoint.OrgId,
            Id = ids.Next(now),
            AccountId = endpoint.AccountId,
            Iccid = SampleIccid,
            Type = SimType.ESim,
            Provider = "test",
            Status = SimStatus.Active,
            StatusSince = now,
            UpdatedAt = now,
        };
        return new GigsEvent(type, sim, type == GigsEvents.SimUpdated ? sim with { Status = SimStatus.New } : null);
    }

    private async Task<Account> AccountAsync(string sid) =>
        (Ids.TryParseSid("AC", sid, out var id) ? await accounts.FindAsync(id) : null)
        ?? throw new ProblemException(Problem.Invalid("account", "account is not the sid of an account."));

    private async Task<WebhookEndpoint> FindAsync(string id) =>
        await database.ReadAsync(session => WebhookEndpoints.FindAsync(session, id))
        ?? throw new ProblemException(Problem.NotFound("The webhook endpoint"));

    private static Task WriteAsync(HttpContext context, int status, WebhookEndpoint endpoint, string? secret = null) =>
        JsonAnswer.WriteAsync(
            context.Response, status, (endpoint, secret), static (json, answer) => Write(json, answer.endpoint, answer.secret));

    private static void Write(Utf8JsonWriter json, WebhookEndpoint endpoint, string? secret)
    {
        json.WriteStartObject();
        json.WriteString("id", endpoint.PublicId);
        json.WriteString("account", Ids.ToSid("AC", endpoint.AccountId));
        json.WriteString("url", endpoint.Url);
        json.WriteStartArray("events");
        foreach (var name in endpoint.Events)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteBoolean("ordered", endpoint.Ordered);
        json.WriteString("state", endpoint.State.ToWire());
        json.WriteString("failingSince", endpoint.FailingSince is { } since ? JsonAnswer.Milliseconds(since) : null);
        json.WriteString("oldSecretUntil", endpoint.OldSecretUntil is { } until ? JsonAnswer.Milliseconds(until) : null);
        json.WriteString("createdAt", JsonAnswer.Milliseconds(Ids.CreatedAt(endpoint.Id)));
        if (secret is not null)
            json.WriteString("secret", secret);
        json.WriteEndObject();
    }
}
