using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Simkeeper.Server.Operator;

/// <summary>Clears all faults.</summary>
/// <remarks>Carriers behave well again. Refused with 409 outside a sandbox.</remarks>
internal static class ClearFaults
{
    public static void Map(IEndpointRouteBuilder api) => api.MapDelete("/faults", RunAsync).CanFail(ProblemCode.StateForbids);

    private static async Task<Answer> RunAsync(Carriers.Faults faults)
    {
        await faults.ClearAsync();
        return Answer.Nothing;
    }
}
