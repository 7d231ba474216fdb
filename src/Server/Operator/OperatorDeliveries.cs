using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Gigs;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Deliveries as an operator sees them: what was sent where, each attempt, and sending it again.</summary>
internal sealed class OperatorDeliveries(
    Database database, Accounts.Accounts accounts, Redelivery redelivery, Messengers messengers, HttpSettings settings, SandboxSettings sandbox)
{
    /// <summary>Attempts of one delivery that are shown.</summary>
    public const int AttemptsMax = 100;

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new OperatorQuery(context.Request, "state", "kind", "sim", "account", "endpoint", "since", "until");
        var (state, kind) = (OneOf(query, "state", [.. DeliveryStateNames.All]), OneOf(query, "kind", Delivery.Callback, Delivery.Webhook));
        var endpoint = query["endpoint"] is { } name ? EndpointId(name) : (Guid?)null;
        var (account, sim) = (Account(query), Sim(query));
        if (account is not null && sim is not null)
            throw new ProblemException(Problem.Invalid("account", "Give sim or account, not both."));
        var before = query["until"] is { } until ? Ids.FirstOf(Time("until", until)) : Guid.AllBitsSet;
        if (query.After is { } after && after.CompareTo(before) < 0)
            before = after;
        var since = query["since"] is { } from ? Ids.FirstOf(Time("since", from)) : Guid.Empty;
        // The fewest first: what is pending or dead is little beside what was delivered.
        var sql = sim is not null ? DeliverySql.ListOfSim
            : state is "pending" or "dead" ? DeliverySql.ListOfState
            : endpoint is not null ? DeliverySql.ListOfEndpoint
            : account is not null ? DeliverySql.ListOfAccount
            : state is not null ? DeliverySql.ListOfState
            : DeliverySql.List;
        object?[] values =
        [
            kind is null, kind ?? "", state is null, state ?? "", endpoint is null, endpoint ?? Guid.Empty,
            account is null, account ?? Guid.Empty, .. sim is { } id ? [id] : Array.Empty<object?>(), since, before,
        ];
        var items = await database.ReadAsync(async session =>
        {
            var found = await AcrossOrgs.NewestAsync(session, sql, DeliverySql.Read, delivery => delivery.Id, query.Limit + 1, values);
            var whole = new List<(Delivery Delivery, List<DeliveryAttempt> Attempts)>(found.Count);
            foreach (var delivery in found)
                whole.Add((delivery, await AttemptsAsync(session, delivery)));
            return whole;
        });
        await OperatorPage.WriteAsync(
            context.Response, items, query.Limit, item => item.Delivery.Id, (json, item) => Write(json, messengers, item.Delivery, item.Attempts));
    }

    public async Task GetAsync(HttpContext context, Caller caller, string[] path)
    {
        var delivery = await FindAsync(path[0]);
        var attempts = await database.ReadAsync(session => AttemptsAsync(session, delivery));
        await JsonAnswer.WriteAsync(
            context.Response, 200, (delivery, attempts), (json, item) => Write(json, messengers, item.delivery, item.attempts));
    }

    /// <summary>Sends one again, as a new delivery of the same message.</summary>
    public async Task RedeliverAsync(HttpContext context, Caller caller, string[] path)
    {
        await OperatorBody.ReadAsync(context.Request, settings);
        var sent = await redelivery.OneAsync(await FindAsync(path[0]));
        if (sent.Error is { } error)
            throw new ProblemException(Problem.From(error));
        await JsonAnswer.WriteAsync(context.Response, 202, sent.Value, (json, delivery) => Write(json, messengers, delivery));
    }

    /// <summary>Sends a range of time again: what is dead, or all of it to another URL.</summary>
    public async Task RedeliverRangeAsync(HttpContext context, Caller caller, string[] path)
    {
        var body = await OperatorBody.ReadAsync(
            context.Request, settings, "since", "until", "state", "account", "endpoint", "to", "after");
        var to = body.Text("to");
        if (to is not null && WebhookEndpoints.Check("to", to, sandbox.Enabled) is { } wrong)
            throw new ProblemException(Problem.From(wrong));
        _ = body.Required("since");
        var from = Ids.FirstOf(body.Time("since")!.Value);
        if (body.Text("after") is { } after)
        {
            from = Guid.TryParseExact(after, "N", out var cursor)
                ? cursor
                : throw new ProblemException(Problem.Invalid("after", "after is not one of ours. Use next of the answer before."));
        }
        var (sent, skipped, next) = await redelivery.RangeAsync(new RedeliveryRange(
            from, body.Time("until") is { } until ? Ids.FirstOf(until) : null, DeliveryStateNames.Parse(body.OneOf("state", [.. DeliveryStateNames.All])) ?? (to is null ? DeliveryState.Dead : null),
            body.Text("account") is { } account ? (await AccountAsync(account)).Id : null,
            body.Text("endpoint") is { } endpoint ? EndpointId(endpoint) : null, to));
        await JsonAnswer.WriteAsync(context.Response, 202, (sent, skipped, next), static (json, answer) =>
        {
            json.WriteStartObject();
            json.WriteNumber("redelivered", answer.sent);
            json.WriteNumber("skipped", answer.skipped);
            json.WriteString("next", answer.next?.ToString("N"));
            json.WriteEndObject();
        });
    }

    public static void Write(
        Utf8JsonWriter json, Messengers messengers, Delivery delivery, IReadOnlyList<DeliveryAttempt>? attempts = null)
    {
        json.WriteStartObject();
        WriteHead(json, messengers, delivery);
        json.WriteStartArray("attempts");
        foreach (var attempt in attempts ?? [])
        {
            json.WriteStartObject();
            WriteAttempt(json, attempt);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteHead(Utf8JsonWriter json, Messengers messengers, Delivery delivery)
    {
        json.WriteString("id", delivery.PublicId);
        json.WriteString("kind", delivery.Kind);
        json.WriteString("url", delivery.ShownUrl);
        json.WriteString("method", delivery.Method);
        json.WriteString("state", delivery.State.ToWire());
        json.WriteString("account", Ids.ToSid("AC", delivery.AccountId));
        json.WriteString("sim", delivery.SimId == Guid.Empty ? null : Ids.ToSid("DE", delivery.SimId));
        json.WriteString("endpoint", delivery.EndpointId is { } endpoint ? Ids.ToBase62(WebhookEndpoint.IdPrefix, endpoint) : null);
        json.WriteString("token", messengers.Of(delivery).Token(delivery));
        json.WriteString("createdAt", JsonAnswer.Milliseconds(Ids.CreatedAt(delivery.Id)));
    }

    public static void WriteAttempt(Utf8JsonWriter json, DeliveryAttempt attempt)
    {
        json.WriteNumber("number", attempt.Number);
        json.WriteString("at", JsonAnswer.Milliseconds(attempt.At));
        if (attempt.Status is { } status)
            json.WriteNumber("status", status);
        else
            json.WriteNull("status");
        json.WriteNumber("latencyMs", attempt.LatencyMs);
        json.WriteString("answer", attempt.Answer);
        json.WriteString("error", attempt.Error);
    }

    private static Guid? Sim(OperatorQuery query) => query["sim"] is not { } text ? null
        : Ids.TryParseSid("DE", text, out var id) || Ids.TryParseBase62("sim", text, out id) ? id
        : throw new ProblemException(Problem.Invalid("sim", "sim is a SIM's sid or Gigs id."));

    private static Guid? Account(OperatorQuery query) => query["account"] is not { } text ? null
        : Ids.TryParseSid("AC", text, out var id) ? id
        : throw new ProblemException(Problem.Invalid("account", "account is the sid of an account."));

    private static string? OneOf(OperatorQuery query, string name, params string[] words) =>
        query[name] is not { } word || words.Contains(word)
            ? query[name]
            : throw new ProblemException(Problem.Invalid(name, $"{name} is one of {string.Join(", ", words)}."));

    private static Guid EndpointId(string text) => Ids.TryParseBase62(WebhookEndpoint.IdPrefix, text, out var id)
        ? id
        : throw new ProblemException(Problem.Invalid("endpoint", "endpoint is the id of a webhook endpoint."));

    private static DateTimeOffset Time(string name, string text) => Requests.TryTime(text, out var time)
        ? time
        : throw new ProblemException(Problem.Invalid(name, $"{name} is a time such as 2026-01-02T03:04:05Z."));

    private static ValueTask<List<DeliveryAttempt>> AttemptsAsync(Session session, Delivery delivery) =>
        session.ListAsync(DeliverySql.Attempts, DeliverySql.ReadAttempt, delivery.OrgId, delivery.Id, AttemptsMax);

    private async Task<Account> AccountAsync(string sid) =>
        (Ids.TryParseSid("AC", sid, out var id) ? await accounts.FindAsync(id) : null)
        ?? throw new ProblemException(Problem.Invalid("account", "account is not the sid of an account."));

    private async Task<Delivery> FindAsync(string text) =>
        (Ids.TryParseBase62(Delivery.IdPrefix, text, out var id)
            ? await database.ReadAsync(session => session.OneAsync(DeliverySql.ByIdAnywhere, DeliverySql.Read, id))
            : null)
        ?? throw new ProblemException(Problem.NotFound("The delivery"));
}
