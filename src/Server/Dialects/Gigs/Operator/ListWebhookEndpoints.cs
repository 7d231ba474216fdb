using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Operator;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Lists webhook endpoints.</summary>
/// <remarks>Endpoints of every account or of one, without their secrets.</remarks>
internal static class ListWebhookEndpoints
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/webhook-endpoints", RunAsync).Takes(Work.List);

    private static async Task<Answer<PageOf<WebhookEndpointAnswer>>> RunAsync(
        Query<WebhookEndpointFilter> query, Database database, Accounts.Accounts accounts, BrokenRows broken)
    {
        var (paging, accountId) = (query.Value.Paging, query.Value.Account);
        var account = await FindAccount.OfFieldAsync(accounts, accountId);
        if (account.Error is { } error)
            return error;
        var found = await database.ReadAsync(session => AcrossOrgs.OldestAsync(
            session, WebhookEndpointSql.List, broken.Of("webhook_endpoints", WebhookEndpointSql.Read), endpoint => endpoint.Id,
            paging.Limit + 1, paging.After ?? Guid.Empty, accountId is null, accountId ?? Guid.Empty));
        return Pages.Of(found, paging, broken, "webhook_endpoints", WebhookEndpointAnswer.Of);
    }
}

/// <summary>Which webhook endpoints are wanted.</summary>
internal sealed record WebhookEndpointFilter : IReadQuery<WebhookEndpointFilter>
{
    public required Paging Paging { get; init; }

    /// <summary>Only endpoints of this account.</summary>
    public required Guid? Account { get; init; }

    public static WebhookEndpointFilter Read(QueryFields fields) =>
        new() { Paging = fields.Paging(), Account = fields.Sid("account", "AC", FindAccount.NoSid) };
}
