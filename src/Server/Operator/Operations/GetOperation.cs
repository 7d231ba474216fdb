using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Gets an operation.</summary>
/// <remarks>One operation, open or ended.</remarks>
internal static class GetOperation
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/operations/{id}", RunAsync).CanFail(ProblemCode.NotFound);

    private static async Task<Answer<OperationAnswer>> RunAsync(string id, Database database)
    {
        var found = await FindOperation.AnyAsync(database, id);
        return found.Error is { } error ? error : OperationAnswer.Of(found.Value);
    }
}
