using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;

namespace Simkeeper.Server.Operator;

/// <summary>Stops the clock.</summary>
/// <remarks>Nothing falls due any more; a move of the clock still has its effect. Refused with 409 outside a sandbox.</remarks>
internal static class FreezeClock
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/clock/freeze", RunAsync)
        .TakesItsTime().CanFail(ProblemCode.StateForbids);

    private static async Task<Answer<ClockAnswer>> RunAsync(SimClock clock, MoveClock move)
    {
        await move.FreezeAsync();
        return ClockAnswer.Of(clock);
    }
}
