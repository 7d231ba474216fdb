using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Operator;

/// <summary>Suspends a SIM.</summary>
/// <remarks>Opens an operation that blocks the SIM until it is activated again; it goes before all that is not blocking.</remarks>
internal static class SuspendSim
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/sims/{id}/suspend", RunAsync).Answers(202).CanFail(RequestChange.CanFail);

    private static Task<Answer<OperationAnswer>> RunAsync(string id, Body<SimChange> body, HttpContext context, RequestChange request) =>
        request.RunAsync(context, id, body.Value, SimStatus.Suspended);
}
