using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Operator;

/// <summary>Deactivates a SIM.</summary>
/// <remarks>Opens an operation that blocks the SIM; 72 hours after it is done the SIM is canceled for ever.</remarks>
internal static class DeactivateSim
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/sims/{id}/deactivate", RunAsync).Answers(202).CanFail(RequestChange.CanFail);

    private static Task<Answer<OperationAnswer>> RunAsync(string id, Body<SimChange> body, HttpContext context, RequestChange request) =>
        request.RunAsync(context, id, body.Value, SimStatus.Deactivated);
}
