using Simkeeper.Core;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Finds the webhook endpoint that a request names.</summary>
internal static class FindEndpoint
{
    /// <summary>The endpoint; 404 if there is none.</summary>
    public static async Task<Result<WebhookEndpoint>> OfPathAsync(Database database, string id) =>
        await database.ReadAsync(session => WebhookEndpoints.FindAsync(session, id)) is { } endpoint
            ? endpoint
            : new Error(ErrorCode.NotFound, "The webhook endpoint does not exist.");
}
