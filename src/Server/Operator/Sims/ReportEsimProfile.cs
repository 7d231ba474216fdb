using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Sims;

namespace Simkeeper.Server.Operator;

/// <summary>Reports the eSIM profile.</summary>
/// <remarks>Records where the profile stands on the device; refused with 409 for a pSIM.</remarks>
internal static class ReportEsimProfile
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPut("/sims/{id}/esim-profile", RunAsync)
        .CanFail(ProblemCode.SimNotFound, ProblemCode.StateForbids, ProblemCode.Conflict);

    private static async Task<Answer<SimAnswer>> RunAsync(
        string id, Body<EsimProfileReport> body, HttpContext context, NamedSim named, ChangeSim change, SimClock clock, SimAnswers answers)
    {
        var which = await named.FindAsync(id);
        if (which.Error is { } unknown)
            return unknown;
        var (status, at) = (body.Value.Status, body.Value.At ?? clock.Now);
        var decided = await change.RunAsync(which.Value, (_, sim, _) => ValueTask.FromResult<Result<SimInput>>(
            sim.Type == SimType.PSim
                ? new Error(ErrorCode.StateForbids, "A pSIM has no eSIM profile.")
                : new SimInput.ProfileReported(status, at, context.Actor())));
        return decided.Error is { } error ? error : await answers.OfAsync(decided.Value.Sim!);
    }
}

/// <summary>The state of an eSIM profile.</summary>
/// <example>{"status": "installed", "at": "2026-01-04T05:06:07Z"}</example>
internal sealed record EsimProfileReport : IReadJson<EsimProfileReport>
{
    public required ProfileStatus Status { get; init; }

    /// <summary>When it happened; now if absent.</summary>
    public required DateTimeOffset? At { get; init; }

    public static EsimProfileReport Read(JsonFields fields) => new()
    {
        Status = fields.Word("status", required: true,
            ProfileStatus.Installed, ProfileStatus.Enabled, ProfileStatus.Disabled, ProfileStatus.Deleted) ?? default,
        At = fields.Time("at"),
    };
}
