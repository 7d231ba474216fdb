using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Lists SIMs.</summary>
/// <remarks>SIMs of every account, or of those that match all filters, newest first.</remarks>
internal static class ListSims
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/sims", RunAsync).Takes(Work.List);

    private static async Task<Answer<PageOf<SimAnswer>>> RunAsync(
        Query<SimFilter> query, Database database, Accounts.Accounts accounts, SimAnswers answers, BrokenRows broken)
    {
        var filter = query.Value;
        var account = await FindAccount.OfFieldAsync(accounts, filter.Account);
        if (account.Error is { } error)
            return error;
        var asked = new Server.Sims.SimQuery(account.Value?.OrgId, filter.Account)
        {
            Statuses = filter.Status is { } status ? [status] : null,
            Providers = filter.Provider is { } provider ? [provider] : null,
            Iccid = filter.Iccid,
            After = filter.Paging.After,
            Limit = filter.Paging.Limit,
        };
        var found = await database.ReadAsync(session => Server.Sims.ListSims.RunAsync(session, broken, asked));
        return found.Error is { } refused ? Problem.From(refused) : await answers.OfAsync(found.Value);
    }
}

/// <summary>Which SIMs are wanted.</summary>
internal sealed record SimFilter : IReadQuery<SimFilter>
{
    public required Paging Paging { get; init; }

    /// <summary>Only SIMs of this account.</summary>
    public required Guid? Account { get; init; }

    /// <summary>Only SIMs with this settled status.</summary>
    public required SimStatus? Status { get; init; }

    /// <summary>Only SIMs of this carrier.</summary>
    [RegularExpression(Patterns.Carrier)]
    public required string? Provider { get; init; }

    /// <summary>Only the SIM with this ICCID, with or without its filler.</summary>
    [RegularExpression("^[0-9]{19,20}[Ff]?$")]
    public required string? Iccid { get; init; }

    public static SimFilter Read(QueryFields fields) => new()
    {
        Paging = fields.Paging(),
        Account = fields.Sid("account", "AC", FindAccount.NoSid),
        Status = fields.Word<SimStatus>("status"),
        Provider = fields.Text("provider"),
        Iccid = Number(fields),
    };

    private static string? Number(QueryFields fields)
    {
        if (fields.Text("iccid") is not { } text)
            return null;
        var iccid = Core.Numbers.Iccid.Parse(text);
        if (iccid.Error is not { } error)
            return iccid.Value.Value;
        fields.Refuse(error);
        return null;
    }
}
