using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Operations;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Ends an operation by hand.</summary>
/// <remarks>Ends an open operation as if the carrier had answered so; refused with 409 once it has ended.</remarks>
internal static class ForceOperation
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/operations/{id}/force", RunAsync)
        .CanFail(ProblemCode.NotFound, ProblemCode.StateForbids, ProblemCode.Conflict);

    private static Task<Answer<OperationAnswer>> RunAsync(string id, Body<ForcedOutcome> body, Database database, OperationWorker worker)
    {
        CarrierAnswer answer = body.Value.Outcome == "done"
            ? new CarrierAnswer.Done()
            : new CarrierAnswer.Refused(null, "The change was refused by an operator.");
        return FindOperation.EndAsync(database, worker, id, new SimInput.Answer(answer));
    }
}

/// <summary>The outcome that an operation is to have.</summary>
/// <example>{"outcome": "done"}</example>
internal sealed record ForcedOutcome : IReadJson<ForcedOutcome>
{
    /// <summary>`done`: the network has made the change; `refused`: it will not.</summary>
    public required string Outcome { get; init; }

    public static ForcedOutcome Read(JsonFields fields) =>
        new() { Outcome = fields.OneOf("outcome", ["done", "refused"], required: true)! };
}
