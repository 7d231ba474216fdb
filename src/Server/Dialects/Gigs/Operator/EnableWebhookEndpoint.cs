using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Operator;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Enables a webhook endpoint.</summary>
/// <remarks>
/// One that did nothing but fail for `Webhooks:DisableAfter` was disabled. It hears of what happens from now on; what it has missed can be
/// redelivered. One that is enabled stays so.
/// </remarks>
internal static class EnableWebhookEndpoint
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/webhook-endpoints/{id}/enable", RunAsync).CanFail(ProblemCode.NotFound);

    private static async Task<Answer<WebhookEndpointAnswer>> RunAsync(
        string id, HttpContext context, Database database, WebhookEndpoints endpoints)
    {
        var found = await FindEndpoint.OfPathAsync(database, id);
        if (found.Error is { } error)
            return error;
        await endpoints.EnableAsync(found.Value, context.Actor());
        var enabled = await FindEndpoint.OfPathAsync(database, id);
        return enabled.Error is { } gone ? gone : WebhookEndpointAnswer.Of(enabled.Value);
    }
}
