using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Clock;

namespace Simkeeper.Server.Operator;

/// <summary>Gets the time.</summary>
/// <remarks>The time of the SIMs. While the clock is moved it is the moment that is being worked on.</remarks>
internal static class GetClock
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/clock", Run);

    private static Answer<ClockAnswer> Run(SimClock clock) => ClockAnswer.Of(clock);
}
