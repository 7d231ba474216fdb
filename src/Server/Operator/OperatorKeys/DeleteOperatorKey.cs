using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Operator;

/// <summary>Deletes an operator key.</summary>
/// <remarks>The key is refused from then on.</remarks>
internal static class DeleteOperatorKey
{
    public static void Map(IEndpointRouteBuilder api) => api.MapDelete("/operator-keys/{id}", RunAsync).CanFail(ProblemCode.NotFound);

    private static async Task<Answer> RunAsync(string id, Keys keys) =>
        OperatorKey.Kind.TryParseId(id, out var key) && await keys.RevokeAsync(null, key) ? Answer.Nothing : Problem.NotFound("The key");
}
