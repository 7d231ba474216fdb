using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Operator;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Creates a webhook endpoint.</summary>
/// <remarks>
/// From now on the account's Gigs events that are selected are sent there as CloudEvents, signed by Standard Webhooks. The secret is in
/// this answer and nowhere else. Plain http is for the sandbox. At most 50 for each account.
/// </remarks>
internal static class CreateWebhookEndpoint
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/webhook-endpoints", RunAsync)
        .Answers(201).CanFail(ProblemCode.StateForbids);

    private static async Task<Answer<CreatedWebhookEndpointAnswer>> RunAsync(
        Body<NewWebhookEndpoint> body, Accounts.Accounts accounts, WebhookEndpoints endpoints, SandboxSettings sandbox)
    {
        var asked = body.Value;
        var account = await FindAccount.OfFieldAsync(accounts, asked.Account);
        if (account.Error is { } error)
            return error;
        if (ReceiverUrl.Check("url", asked.Url, sandbox.Enabled) is { } wrong)
            return wrong;
        var made = await endpoints.CreateAsync(account.Value!, asked.Url, asked.Events, asked.Ordered);
        if (made.Error is { } refused)
            return refused;
        return new CreatedWebhookEndpointAnswer(WebhookEndpointAnswer.Of(made.Value.Endpoint), made.Value.Secret);
    }
}

/// <summary>A webhook endpoint to be created.</summary>
/// <example>{"account": "AC00000000000000000000000000000001", "url": "https://example.com/hook", "events": ["*"]}</example>
internal sealed record NewWebhookEndpoint : IReadJson<NewWebhookEndpoint>
{
    /// <summary>The account whose events it hears.</summary>
    public required Guid Account { get; init; }

    /// <summary>Absolute, https outside a sandbox, without credentials and fragment. The query is kept.</summary>
    [StringLength(ReceiverUrl.LengthMax)]
    public required string Url { get; init; }

    /// <summary>Types, or the start of some: `*`, `com.gigs.sim.*`, `com.gigs.eSimProfile.*`. Without it all.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>The next event of a SIM waits until the one before was taken or is dead.</summary>
    public required bool Ordered { get; init; }

    public static NewWebhookEndpoint Read(JsonFields fields)
    {
        var endpoint = new NewWebhookEndpoint
        {
            Account = fields.Sid("account", "AC", FindAccount.NoSid, required: true) ?? default,
            Url = fields.Text("url", required: true)!,
            Events = fields.Texts("events", GigsEvents.Types.Count) ?? ["*"],
            Ordered = fields.Flag("ordered") ?? false,
        };
        if (endpoint.Events.Count == 0 || endpoint.Events.Any(name => !GigsEvents.IsPattern(name)))
        {
            fields.Refuse("events",
                $"events names at least one of *, com.gigs.sim.*, com.gigs.eSimProfile.*, {string.Join(", ", GigsEvents.Types)}.");
        }
        return endpoint;
    }
}
