using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Operator;

/// <summary>Activates a SIM.</summary>
/// <remarks>Opens an operation that lets the SIM connect; refused with 409 where its status or an open operation forbids it.</remarks>
internal static class ActivateSim
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/sims/{id}/activate", RunAsync).Answers(202).CanFail(RequestChange.CanFail);

    private static Task<Answer<OperationAnswer>> RunAsync(string id, Body<SimChange> body, HttpContext context, RequestChange request) =>
        request.RunAsync(context, id, body.Value, SimStatus.Active);
}
