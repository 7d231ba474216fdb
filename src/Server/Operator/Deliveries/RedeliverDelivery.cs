using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Sends a delivery again.</summary>
/// <remarks>
/// As a new delivery of the same message, so that its `token` stays. Refused with 409 while it is pending, and when its webhook endpoint
/// was deleted or is disabled.
/// </remarks>
internal static class RedeliverDelivery
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/deliveries/{id}/redeliver", RunAsync)
        .Answers(202).CanFail(ProblemCode.NotFound, ProblemCode.StateForbids);

    private static async Task<Answer<DeliveryAnswer>> RunAsync(
        string id, Body<Nothing> body, Database database, Redelivery redelivery, Messengers messengers)
    {
        var found = await FindDelivery.OfPathAsync(database, id);
        if (found.Error is { } error)
            return error;
        var sent = await redelivery.OneAsync(found.Value);
        return sent.Error is { } refused ? refused : DeliveryAnswer.Of(sent.Value, messengers);
    }
}
