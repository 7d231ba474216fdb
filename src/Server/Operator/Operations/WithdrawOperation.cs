using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Operations;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Withdraws an operation.</summary>
/// <remarks>Ends an open operation; the SIM stays as it is, and its callback carries 33010. Refused with 409 once it has ended.</remarks>
internal static class WithdrawOperation
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/operations/{id}/withdraw", RunAsync)
        .CanFail(ProblemCode.NotFound, ProblemCode.StateForbids, ProblemCode.Conflict);

    private static Task<Answer<OperationAnswer>> RunAsync(string id, Database database, OperationWorker worker) =>
        FindOperation.EndAsync(database, worker, id, new SimInput.Withdraw());
}
