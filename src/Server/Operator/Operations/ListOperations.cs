using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Lists operations.</summary>
/// <remarks>Operations of every account, or those that match all filters, newest first.</remarks>
internal static class ListOperations
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/operations", RunAsync);

    private static async Task<Answer<PageOf<OperationAnswer>>> RunAsync(
        Query<OperationFilter> query, NamedSim named, Database database, BrokenRows broken)
    {
        var filter = query.Value;
        var sim = await named.FindIdAsync(filter.Sim);
        if (sim.Error is { } error)
            return error;
        var found = await database.ReadAsync(session => AcrossOrgs.NewestAsync(session, OperationSql.List,
            broken.Of(OperationTable.Rows.Name, OperationTable.Rows.Read), operation => operation.Id, filter.Paging.Limit + 1, filter.Paging.After ?? Guid.AllBitsSet,
            filter.State is { } state ? state.ToWire() : "", filter.Carrier ?? "", sim.Value is null, sim.Value ?? Guid.Empty));
        return Pages.Of(found, filter.Paging, broken, OperationTable.Rows.Name, OperationAnswer.Of);
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
