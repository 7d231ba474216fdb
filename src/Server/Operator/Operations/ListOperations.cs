using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Lists operations.</summary>
/// <remarks>Operations of every account, or those that match all filters, newest first.</remarks>
internal static class ListOperations
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/operations", RunAsync).Takes(Work.List);

    private static async Task<Answer<PageOf<OperationAnswer>>> RunAsync(
        Query<OperationFilter> query, NamedSim named, Database database, BrokenRows broken)
    {
        var filter = query.Value;
        var sim = await named.FindIdAsync(filter.Sim);
        if (sim.Error is { } error)
            return error;
        var state = filter.State?.ToWire();
        var (index, by) = sim.Value is { } id ? (OperationSql.OfSim, [id])
            : state is not null ? (OperationSql.OfState, [state]) : (OperationSql.OfOrg, Array.Empty<object?>());
        object?[] carrier = [filter.Carrier is null, filter.Carrier ?? ""];
        object?[] tested = sim.Value is null ? carrier : [state is null, state ?? "", .. carrier];
        var found = await database.ReadAsync(async session => await Walk.PageAsync(
            session, index, await AcrossOrgs.RangesAsync(session, by),
            broken.Of(OperationTable.Rows.Name, OperationTable.Rows.Read), kept => kept.Id, newer: false,
            (Guid.Empty, filter.Paging.After ?? Guid.AllBitsSet), filter.Paging.Limit,
            filter.Carrier is not null || (sim.Value is not null && state is not null), tested));
        return Pages.Of(found, broken, OperationTable.Rows.Name, OperationAnswer.Of);
    }
}

/// <summary>Which operations are wanted.</summary>
internal sealed record OperationFilter : IReadQuery<OperationFilter>
{
    public required Paging Paging { get; init; }

    /// <summary>Only operations in this state.</summary>
    public required OperationState? State { get; init; }

    /// <summary>Only operations on this SIM, by its sid, id, ICCID, MSISDN, IMSI, EID or unique name.</summary>
    public required string? Sim { get; init; }

    /// <summary>Only operations at this carrier.</summary>
    [RegularExpression(Patterns.Carrier)]
    public required string? Carrier { get; init; }

    public static OperationFilter Read(QueryFields fields) => new()
    {
        Paging = fields.Paging(),
        State = fields.Word<OperationState>("state"),
        Sim = fields.Text("sim"),
        Carrier = fields.Text("carrier"),
    };
}
