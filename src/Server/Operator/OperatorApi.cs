using System.Globalization;
using System.Text.Json;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>The operator API: everything under <c>/operator/v1</c>, for whoever runs the installation.</summary>
internal sealed class OperatorApi(
    Credentials credentials, OperatorAccounts accounts, OperatorSims sims, OperatorOperations operations, OperatorCarriers carriers,
    OperatorEvents events, OperatorWebhooks webhooks, OperatorDeliveries deliveries, OperatorStream stream, OperatorCommands commands,
    OperatorUsage usage, OperatorClock clock, ILogger<OperatorApi> log)
{
    public Routes<Caller> Routes { get; } = new(
        new("POST", "/operator/v1/accounts", accounts.CreateAsync),
        new("GET", "/operator/v1/accounts", accounts.ListAsync),
        new("GET", "/operator/v1/accounts/{sid}", accounts.GetAsync),
        new("POST", "/operator/v1/accounts/{sid}/keys", accounts.CreateKeyAsync),
        new("GET", "/operator/v1/accounts/{sid}/keys", accounts.ListKeysAsync),
        new("DELETE", "/operator/v1/accounts/{sid}/keys/{id}", accounts.RevokeKeyAsync),
        new("POST", "/operator/v1/operator-keys", accounts.CreateOperatorKeyAsync),
        new("GET", "/operator/v1/operator-keys", accounts.ListOperatorKeysAsync),
        new("DELETE", "/operator/v1/operator-keys/{id}", accounts.RevokeOperatorKeyAsync),
        new("POST", "/operator/v1/accounts/{sid}/sims/import", sims.ImportAsync),
        new("GET", "/operator/v1/sims", sims.ListAsync),
        new("GET", "/operator/v1/sims/{id}", sims.GetAsync),
        new("PUT", "/operator/v1/sims/{id}/esim-profile", sims.ReportProfileAsync),
        new("GET", "/operator/v1/operations", operations.ListAsync),
        new("GET", "/operator/v1/operations/{id}", operations.GetAsync),
        new("POST", "/operator/v1/operations/{id}/force", operations.ForceAsync),
        new("POST", "/operator/v1/operations/{id}/retry", operations.RetryAsync),
        new("POST", "/operator/v1/operations/{id}/withdraw", operations.WithdrawAsync),
        new("POST", "/operator/v1/sims/{id}/activate", sims.ActivateAsync),
        new("POST", "/operator/v1/sims/{id}/suspend", sims.SuspendAsync),
        new("POST", "/operator/v1/sims/{id}/deactivate", sims.DeactivateAsync),
        new("POST", "/operator/v1/sims/{id}/reset", sims.ResetAsync),
        new("GET", "/operator/v1/events", events.ListAsync),
        new("POST", "/operator/v1/webhook-endpoints", webhooks.CreateAsync),
        new("GET", "/operator/v1/webhook-endpoints", webhooks.ListAsync),
        new("GET", "/operator/v1/webhook-endpoints/{id}", webhooks.GetAsync),
        new("DELETE", "/operator/v1/webhook-endpoints/{id}", webhooks.DeleteAsync),
        new("POST", "/operator/v1/webhook-endpoints/{id}/enable", webhooks.EnableAsync),
        new("POST", "/operator/v1/webhook-endpoints/{id}/rotate-secret", webhooks.RotateAsync),
        new("POST", "/operator/v1/webhook-endpoints/{id}/test", webhooks.TestAsync),
        new("GET", "/operator/v1/deliveries", deliveries.ListAsync),
        new("POST", "/operator/v1/deliveries/redeliver", deliveries.RedeliverRangeAsync),
        new("GET", "/operator/v1/deliveries/{id}", deliveries.GetAsync),
        new("POST", "/operator/v1/deliveries/{id}/redeliver", deliveries.RedeliverAsync),
        new("GET", "/operator/v1/stream", stream.StreamAsync),
        new("POST", "/operator/v1/commands/inbound", commands.ReceiveAsync),
        new("POST", "/operator/v1/usage", usage.TakeAsync),
        new("GET", "/operator/v1/carriers", carriers.ListAsync),
        new("PUT", "/operator/v1/carriers/{id}", carriers.UpdateAsync),
        new("GET", "/operator/v1/clock", clock.GetAsync),
        new("POST", "/operator/v1/clock/advance", clock.AdvanceAsync),
        new("POST", "/operator/v1/clock/freeze", clock.FreezeAsync),
        new("POST", "/operator/v1/clock/resume", clock.ResumeAsync),
        new("POST", "/operator/v1/faults", clock.AddFaultAsync),
        new("GET", "/operator/v1/faults", clock.ListFaultsAsync),
        new("DELETE", "/operator/v1/faults", clock.ClearFaultsAsync));

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (ProblemException e)
        {
            await e.Problem.WriteAsync(context.Response);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            var problem = e.StatusCode == 413
                ? new Problem(413, "bodyTooLarge", "Body too large", e.Message)
                : new Problem(400, "malformed", "Malformed", e.Message);
            await problem.WriteAsync(context.Response);
        }
        catch (StoreAwayException) when (!context.Response.HasStarted)
        {
            await Problem.StoreAway.WriteAsync(context.Response);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            log.LogError(e, "Request {RequestId} failed.", context.TraceIdentifier);
            await Problem.Internal.WriteAsync(context.Response);
        }
    }

    private async Task RouteAsync(HttpContext context)
    {
        var request = context.Request;
        var (caller, retryAfter) = request.Bearer() is { } key ? await credentials.FindAsync(key, context) : default;
        if (retryAfter is { } seconds)
            throw new ProblemException(Problem.TooManyFailures(seconds));
        if (caller is not { Kind: CredentialKind.Operator })
            throw new ProblemException(Problem.Unauthenticated);
        var (route, values, knownPath) = Routes.Match(request.Method, request.Path());
        if (route is null)
            throw new ProblemException(knownPath ? Problem.MethodNotAllowed : Problem.NotFound("This path"));
        if (caller.ReadOnly && request.Method != "GET")
            throw new ProblemException(Problem.ReadOnlyKey);
        await route.Handle(context, caller, values);
    }
}

/// <summary>The query of an operator list: <c>limit</c>, <c>after</c> and named filters; what is unknown is refused.</summary>
internal sealed class OperatorQuery
{
    public const int LimitDefault = 50;
    public const int LimitMax = 500;
    private readonly Dictionary<string, string> _given = new(StringComparer.Ordinal);

    public OperatorQuery(HttpRequest request, params string[] filters)
    {
        foreach (var (name, value) in request.QueryParameters())
        {
            if (name is not ("limit" or "after") && !filters.Contains(name))
                throw new ProblemException(Problem.Invalid(Requests.Shown(name), $"Unknown parameter {Requests.Shown(name)}. Leave it out."));
            if (value.Length == 0)
                throw new ProblemException(Problem.Invalid(name, $"{name} is empty. Give it a value, or leave it out."));
            _given[name] = value;
        }
        if (this["limit"] is { } text)
        {
            Limit = int.TryParse(text, NumberStyles.None, null, out var limit) && limit is >= 1 and <= LimitMax
                ? limit
                : throw new ProblemException(Problem.Invalid("limit", $"limit is a whole number from 1 to {LimitMax}."));
        }
        if (this["after"] is { } after)
        {
            After = Guid.TryParseExact(after, "N", out var id)
                ? id
                : throw new ProblemException(Problem.Invalid("after", "after is not one of ours. Use next of the page before."));
        }
    }

    public int Limit { get; } = LimitDefault;

    public Guid? After { get; }

    public string? this[string name] => _given.GetValueOrDefault(name);
}

/// <summary>Writes a page of an operator list.</summary>
internal static class OperatorPage
{
    /// <param name="items">One more than the limit when there are more.</param>
    public static Task WriteAsync<T>(
        HttpResponse response, IReadOnlyList<T> items, int limit, Func<T, Guid> id, Action<Utf8JsonWriter, T> write) =>
        JsonAnswer.WriteAsync(response, 200, (items, limit, id, write), static (json, page) =>
        {
            var (items, limit, id, write) = page;
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (var item in items.Take(limit))
                write(json, item);
            json.WriteEndArray();
            json.WriteString("next", items.Count > limit ? id(items[limit - 1]).ToString("N") : null);
            json.WriteEndObject();
        });
}
