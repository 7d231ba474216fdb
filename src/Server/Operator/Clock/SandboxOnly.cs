using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>Refuses outside a sandbox what only a sandbox has.</summary>
internal static class SandboxOnly
{
    public static ValueTask<object?> RefuseAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next) =>
        call.HttpContext.RequestServices.GetRequiredService<SandboxSettings>().Enabled
            ? next(call)
            : ValueTask.FromResult<object?>(Problem.StateForbids(
                "Only a sandbox has a clock that moves and faults. Start one with --sandbox."));
}
