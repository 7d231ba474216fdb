using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Sets the limits of a carrier.</summary>
/// <remarks>In force from the next change on and kept over restarts; a limit that is left out stays.</remarks>
internal static class UpdateCarrier
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPut("/carriers/{id}", RunAsync).CanFail(ProblemCode.NotFound);

    private static async Task<Answer<CarrierAnswerRecord>> RunAsync(
        string id, Body<NewCarrierLimits> body, CarrierList carriers, Database database, CarrierAnswers answers)
    {
        if (!carriers.Has(id))
            return Problem.NotFound("The carrier");
        var now = carriers[id].Governor.Limits;
        await carriers.SetLimitsAsync(database, id,
            new CarrierLimits(body.Value.CallsPerSecond ?? now.CallsPerSecond, body.Value.InFlight ?? now.InFlight));
        return await answers.OfAsync(carriers[id]);
    }
}

/// <summary>New limits on what a carrier is asked.</summary>
/// <example>{"callsPerSecond": 5, "inFlight": 10}</example>
internal sealed record NewCarrierLimits : IReadJson<NewCarrierLimits>
{
    /// <summary>Changes a second that it may be asked for, by the clock of the SIMs; 0: no limit.</summary>
    public required int? CallsPerSecond { get; init; }

    /// <summary>Changes sent to it and not yet answered.</summary>
    public required int? InFlight { get; init; }

    public static NewCarrierLimits Read(JsonFields fields) => new()
    {
        CallsPerSecond = (int?)fields.Number("callsPerSecond", 0, CarrierLimits.CallsPerSecondMax),
        InFlight = (int?)fields.Number("inFlight", 1, CarrierLimits.InFlightMax),
    };
}
