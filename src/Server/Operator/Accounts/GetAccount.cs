using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Simkeeper.Server.Operator;

/// <summary>Gets an account.</summary>
/// <remarks>One account, without its auth token.</remarks>
internal static class GetAccount
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/accounts/{sid}", RunAsync).CanFail(ProblemCode.NotFound);

    private static async Task<Answer<AccountAnswer>> RunAsync(string sid, Accounts.Accounts accounts)
    {
        var account = await FindAccount.OfPathAsync(accounts, sid);
        return account.Error is { } error ? error : AccountAnswer.Of(account.Value);
    }
}
