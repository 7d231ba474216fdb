using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Carriers;

namespace Simkeeper.Server.Operator;

/// <summary>Lists carriers.</summary>
/// <remarks>Every configured carrier, its limits and its state. There is one page.</remarks>
internal static class ListCarriers
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/carriers", Run);

    private static Answer<PageOf<CarrierAnswerRecord>> Run(Query<Paging> query, CarrierList carriers) =>
        Pages.Only([.. carriers.Ids.Select(id => CarrierAnswerRecord.Of(id, carriers))]);
}
