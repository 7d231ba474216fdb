using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Operator;

/// <summary>Creates an operator key.</summary>
/// <remarks>A bearer key for this API and the whole installation.</remarks>
internal static class CreateOperatorKey
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/operator-keys", RunAsync).Answers(201);

    private static Task<Answer<CreatedKeyAnswer>> RunAsync(Body<NewOperatorKey> body, Keys keys, TimeProvider wall) =>
        body.Value.CreateAsync(keys, wall);
}
