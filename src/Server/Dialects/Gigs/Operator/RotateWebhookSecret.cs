using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Operator;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Gives a webhook endpoint a new secret.</summary>
/// <remarks>
/// The old secret signs beside the new one for `Webhooks:SecretOverlap`, also when the new one is rotated meanwhile. While five old secrets
/// sign the answer is 409.
/// </remarks>
internal static class RotateWebhookSecret
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/webhook-endpoints/{id}/rotate-secret", RunAsync)
        .CanFail(ProblemCode.NotFound, ProblemCode.StateForbids);

    private static async Task<Answer<CreatedWebhookEndpointAnswer>> RunAsync(string id, Database database, WebhookEndpoints endpoints)
    {
        var found = await FindEndpoint.OfPathAsync(database, id);
        if (found.Error is { } error)
            return error;
        var secret = await endpoints.RotateAsync(found.Value);
        if (secret.Error is { } refused)
            return refused;
        var rotated = await FindEndpoint.OfPathAsync(database, id);
        if (rotated.Error is { } gone)
            return gone;
        return new CreatedWebhookEndpointAnswer(WebhookEndpointAnswer.Of(rotated.Value), secret.Value);
    }
}
