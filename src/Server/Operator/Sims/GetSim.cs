using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Gets a SIM.</summary>
/// <remarks>Everything about a SIM but its secrets.</remarks>
internal static class GetSim
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/sims/{id}", RunAsync).CanFail(ProblemCode.SimNotFound);

    private static async Task<Answer<SimAnswer>> RunAsync(string id, NamedSim named, Database database, SimAnswers answers)
    {
        var which = await named.FindAsync(id);
        if (which.Error is { } error)
            return error;
        return await database.ReadAsync(which.Value.ReadAsync) is { } sim ? await answers.OfAsync(sim) : Problem.SimNotFound;
    }
}
