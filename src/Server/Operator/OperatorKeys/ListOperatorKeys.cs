using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>Lists operator keys.</summary>
/// <remarks>Expired ones too, without their secrets.</remarks>
internal static class ListOperatorKeys
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/operator-keys", RunAsync).Takes(Work.List);

    private static async Task<Answer<PageOf<KeyAnswer>>> RunAsync(Query<Paging> query, Keys keys)
    {
        var paging = query.Value;
        var found = await keys.ListAsync(null, paging.After ?? Guid.Empty, paging.Limit + 1);
        return Pages.Of(found, paging, key => key.Id, key => KeyAnswer.Of(OperatorKey.Kind, key));
    }
}
