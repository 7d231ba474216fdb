using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Operator;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Gets a webhook endpoint.</summary>
/// <remarks>Everything but its secret.</remarks>
internal static class GetWebhookEndpoint
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/webhook-endpoints/{id}", RunAsync).CanFail(ProblemCode.NotFound);

    private static async Task<Answer<WebhookEndpointAnswer>> RunAsync(string id, Database database)
    {
        var found = await FindEndpoint.OfPathAsync(database, id);
        return found.Error is { } error ? error : WebhookEndpointAnswer.Of(found.Value);
    }
}
