using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Lists rate plans.</summary>
/// <remarks>Rate plans of every account, or of one, newest first.</remarks>
internal static class ListRatePlans
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/rate-plans", RunAsync).Takes(Work.List);

    private static async Task<Answer<PageOf<RatePlanAnswer>>> RunAsync(
        Query<RatePlanFilter> query, Database database, Accounts.Accounts accounts)
    {
        var filter = query.Value;
        var account = await FindAccount.OfFieldAsync(accounts, filter.Account);
        if (account.Error is { } error)
            return error;
        var found = await database.ReadAsync(async session => await Walk.PageAsync(
            session, account.Value is null ? RatePlanSql.OfOrg : RatePlanSql.OfAccount,
            account.Value is { } owner ? [[owner.OrgId, owner.Id]] : await AcrossOrgs.RangesAsync(session),
            RatePlanTable.Rows.Read, plan => plan.Id, newer: false, (Guid.Empty, filter.Paging.After ?? Guid.AllBitsSet),
            filter.Paging.Limit, tests: false));
        return Pages.Of(found, RatePlanAnswer.Of);
    }
}

/// <summary>Which rate plans are wanted.</summary>
internal sealed record RatePlanFilter : IReadQuery<RatePlanFilter>
{
    public required Paging Paging { get; init; }

    /// <summary>Only plans of this account.</summary>
    public required Guid? Account { get; init; }

    public static RatePlanFilter Read(QueryFields fields) => new()
    {
        Paging = fields.Paging(),
        Account = fields.Sid("account", "AC", FindAccount.NoSid),
    };
}

/// <summary>A rate plan: the services and limits of its SIMs.</summary>
/// <example>
/// {"sid": "WP00000000000000000000000000000001", "account": "AC00000000000000000000000000000001", "uniqueName": "sandbox-plan",
///  "friendlyName": null, "dataEnabled": true, "dataLimit": 1000, "dataLimitStrategy": "block", "messagingEnabled": true,
///  "narrowband": "none", "createdAt": "2026-01-03T04:05:06.789Z", "updatedAt": "2026-01-03T04:05:06.789Z"}
/// </example>
internal sealed record RatePlanAnswer
{
    [RegularExpression(Patterns.RatePlan)]
    public required string Sid { get; init; }

    [RegularExpression(Patterns.Account)]
    public required string Account { get; init; }

    public required string? UniqueName { get; init; }

    public required string? FriendlyName { get; init; }

    public required bool DataEnabled { get; init; }

    /// <summary>Megabytes a month on the home network.</summary>
    [Range(0, RatePlan.DataLimitMax)]
    public required int DataLimit { get; init; }

    /// <summary>`block` or `throttle` data at the limit.</summary>
    [AllowedValues("block", "throttle")]
    public required string DataLimitStrategy { get; init; }

    public required bool MessagingEnabled { get; init; }

    [AllowedValues("none", "annual", "developer")]
    public required string Narrowband { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public static RatePlanAnswer Of(RatePlan plan) => new()
    {
        Sid = plan.Sid,
        Account = Ids.ToSid("AC", plan.AccountId),
        UniqueName = plan.UniqueName,
        FriendlyName = plan.FriendlyName,
        DataEnabled = plan.DataEnabled,
        DataLimit = plan.DataLimit,
        DataLimitStrategy = plan.DataLimitStrategy.ToWire(),
        MessagingEnabled = plan.MessagingEnabled,
        Narrowband = plan.Narrowband.ToWire(),
        CreatedAt = plan.CreatedAt,
        UpdatedAt = plan.UpdatedAt,
    };
}
