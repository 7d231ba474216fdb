using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Simkeeper.Server.Operator;

/// <summary>Lists faults.</summary>
/// <remarks>Those in force, on one page. Refused with 409 outside a sandbox.</remarks>
internal static class ListFaults
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/faults", Run).CanFail(ProblemCode.StateForbids);

    private static Answer<PageOf<FaultAnswer>> Run(Query<Paging> query, Carriers.Faults faults) =>
        Pages.Only([.. faults.All.Select(FaultAnswer.Of)]);
}
