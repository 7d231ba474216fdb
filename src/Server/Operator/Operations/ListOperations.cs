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

    private static async Task<Answer<PageOf<OperationAnswer>>> RunAsync(Query<OperationFilter> query, Database database)
    {
        var filter = query.Value;
        var found = await database.ReadAsync(session => AcrossOrgs.NewestAsync(session, OperationSql.List, OperationTable.Rows.Read,
            operation => operation.Id, filter.Paging.Limit + 1, filter.Paging.After ?? Guid.AllBitsSet,
            filter.State is { } state ? state.ToWire() : "", filter.Carrier ?? "", filter.Sim is null, filter.Sim ?? Guid.Empty));
        return Pages.Of(found, filter.Paging, operation => operation.Id, OperationAnswer.Of);
    }
}

/// <summary>Which operations are wanted.</summary>
internal sealed record OperationFilter : IReadQuery<OperationFilter>
{
    public required Paging Paging { get; init; }

    /// <summary>Only operations in this state.</summary>
    public required OperationState? State { get; init; }

    /// <summary>Only operations on this SIM, by its sid or id.</summary>
    public required Guid? Sim { get; init; }

    /// <summary>Only operations at this carrier.</summary>
    [RegularExpression(Patterns.Carrier)]
    public required string? Carrier { get; init; }

    public static OperationFilter Read(QueryFields fields) => new()
    {
        Paging = fields.Paging(),
        State = fields.Word<OperationState>("state"),
        Sim = fields.Sim("sim"),
        Carrier = fields.Text("carrier"),
    };
}
