using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>Lists accounts.</summary>
/// <remarks>Master accounts and subaccounts.</remarks>
internal static class ListAccounts
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/accounts", RunAsync).Takes(Work.List);

    private static async Task<Answer<PageOf<AccountAnswer>>> RunAsync(Query<Paging> query, Accounts.Accounts accounts)
    {
        var paging = query.Value;
        var found = await accounts.ListAsync(paging.After ?? Guid.Empty, paging.Limit + 1);
        return Pages.Of(found, paging, account => account.Id, AccountAnswer.Of);
    }
}
