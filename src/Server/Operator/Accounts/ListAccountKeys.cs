using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>Lists the keys of an account.</summary>
/// <remarks>Keys of every kind, expired ones too, without their secrets.</remarks>
internal static class ListAccountKeys
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/accounts/{sid}/keys", RunAsync)
        .Takes(Work.List).CanFail(ProblemCode.NotFound);

    private static async Task<Answer<PageOf<KeyAnswer>>> RunAsync(
        string sid, Query<Paging> query, Accounts.Accounts accounts, Keys keys, KeyKinds kinds)
    {
        var account = await FindAccount.OfPathAsync(accounts, sid);
        if (account.Error is { } error)
            return error;
        var paging = query.Value;
        var found = await keys.ListAsync(account.Value, paging.After ?? Guid.Empty, paging.Limit + 1);
        return Pages.Of(found, paging, key => key.Id, key => KeyAnswer.Of(kinds.Of(key), key));
    }
}
