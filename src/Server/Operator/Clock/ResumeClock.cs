using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;

namespace Simkeeper.Server.Operator;

/// <summary>Lets the clock run.</summary>
/// <remarks>It runs on from where it stands. Refused with 409 outside a sandbox.</remarks>
internal static class ResumeClock
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/clock/resume", RunAsync)
        .TakesItsTime().CanFail(ProblemCode.StateForbids);

    private static async Task<Answer<ClockAnswer>> RunAsync(SimClock clock, MoveClock move)
    {
        await move.ResumeAsync();
        return ClockAnswer.Of(clock);
    }
}
