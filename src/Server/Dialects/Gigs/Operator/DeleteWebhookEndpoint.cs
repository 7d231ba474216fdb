using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Operator;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Deletes a webhook endpoint.</summary>
/// <remarks>What it has not got yet is not sent any more.</remarks>
internal static class DeleteWebhookEndpoint
{
    public static void Map(IEndpointRouteBuilder api) => api.MapDelete("/webhook-endpoints/{id}", RunAsync).CanFail(ProblemCode.NotFound);

    private static async Task<Answer> RunAsync(string id, Database database, WebhookEndpoints endpoints)
    {
        var found = await FindEndpoint.OfPathAsync(database, id);
        if (found.Error is { } error)
            return error;
        await endpoints.DeleteAsync(found.Value);
        return Answer.Nothing;
    }
}
