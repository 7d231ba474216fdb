using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Operator;

/// <summary>Deletes a key of an account.</summary>
/// <remarks>The key is refused from then on.</remarks>
internal static class DeleteAccountKey
{
    public static void Map(IEndpointRouteBuilder api) => api.MapDelete("/accounts/{sid}/keys/{id}", RunAsync).CanFail(ProblemCode.NotFound);

    private static async Task<Answer> RunAsync(string sid, string id, Accounts.Accounts accounts, Keys keys, KeyKinds kinds)
    {
        var account = await FindAccount.OfPathAsync(accounts, sid);
        if (account.Error is { } error)
            return error;
        return kinds.TryParseId(id, out var key) && await keys.RevokeAsync(account.Value, key)
            ? Answer.Nothing
            : Problem.NotFound("The key");
    }
}
