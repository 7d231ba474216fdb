using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Operator;

/// <summary>Creates a key for an account.</summary>
/// <remarks>A bearer key, a Basic key or an OAuth2 client, each for the dialect that logs in so.</remarks>
internal static class CreateAccountKey
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/accounts/{sid}/keys", RunAsync)
        .Answers(201).CanFail(ProblemCode.NotFound, ProblemCode.StateForbids);

    private static async Task<Answer<CreatedKeyAnswer>> RunAsync(
        string sid, Body<NewAccountKey> body, Accounts.Accounts accounts, Keys keys, KeyKinds kinds, TimeProvider wall)
    {
        var account = await FindAccount.OpenOfPathAsync(accounts, sid);
        return account.Error is { } error ? error : await body.Value.CreateAsync(keys, kinds, account.Value, wall);
    }
}
