using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Gets a delivery.</summary>
/// <remarks>With every attempt.</remarks>
internal static class GetDelivery
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/deliveries/{id}", RunAsync).CanFail(ProblemCode.NotFound);

    private static async Task<Answer<DeliveryAnswer>> RunAsync(string id, Database database, Messengers messengers)
    {
        var found = await FindDelivery.OfPathAsync(database, id);
        if (found.Error is { } error)
            return error;
        var attempts = await database.ReadAsync(session => FindDelivery.AttemptsAsync(session, found.Value));
        return DeliveryAnswer.Of(found.Value, messengers, attempts);
    }
}
