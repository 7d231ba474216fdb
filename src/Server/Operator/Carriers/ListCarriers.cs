using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Carriers;

namespace Simkeeper.Server.Operator;

/// <summary>Lists carriers.</summary>
/// <remarks>Every configured carrier: what it can do, its limits, its state, and what waits. There is one page.</remarks>
internal static class ListCarriers
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/carriers", RunAsync);

    private static async Task<Answer<PageOf<CarrierAnswerRecord>>> RunAsync(
        Query<Paging> query, CarrierList carriers, CarrierAnswers answers)
    {
        var items = new List<CarrierAnswerRecord>();
        foreach (var id in carriers.Ids)
            items.Add(await answers.OfAsync(carriers[id]));
        return Pages.Only(items);
    }
}
