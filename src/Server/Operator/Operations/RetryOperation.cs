using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Operations;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Tries an operation now.</summary>
/// <remarks>Asks the carrier again at once, also one that is thought to be away; refused with 409 once the operation has ended.</remarks>
internal static class RetryOperation
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/operations/{id}/retry", RunAsync)
        .Answers(202).CanFail(ProblemCode.NotFound, ProblemCode.StateForbids, ProblemCode.Conflict);

    private static async Task<Answer<OperationAnswer>> RunAsync(string id, Database database, OperationWorker worker)
    {
        var open = await FindOperation.OpenAsync(database, id);
        if (open.Error is { } error)
            return error;
        var retried = await worker.RetryAsync(open.Value);
        return retried.Error is { } refused ? refused : OperationAnswer.Of(retried.Value);
    }
}
