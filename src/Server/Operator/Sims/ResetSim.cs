using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Simkeeper.Server.Operator;

/// <summary>Resets the connectivity of a SIM.</summary>
/// <remarks>Opens an operation that detaches a ready or active SIM so that it connects anew; its status stays.</remarks>
internal static class ResetSim
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/sims/{id}/reset", RunAsync).Answers(202).CanFail(RequestChange.CanFail);

    private static Task<Answer<OperationAnswer>> RunAsync(string id, Body<SimChange> body, HttpContext context, RequestChange request) =>
        request.RunAsync(context, id, body.Value, wanted: null);
}
