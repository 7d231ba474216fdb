using Clients.Gigs;
using Clients.Gigs.Models;
using static Clients.KiotaClient;
using static Clients.Story;

namespace Clients;

internal static class GigsStory
{
    public static async Task TellAsync()
    {
        Tell("errors", Errors(typeof(GigsClient)));
        var (http, story) = Begin("gpk_sandbox");
        var sims = new GigsClient(Adapter(http)).Projects["sandbox"].Sims;

        var page = (await sims.GetAsync(request =>
            (request.QueryParameters.Status, request.QueryParameters.Limit) = ([SimStatus.Inactive, SimStatus.Active], 2)))!;
        Tell("sims", page.Items!.Count, page.MoreItemsAfter == page.Items[^1].Id);
        var next = (await sims.GetAsync(request =>
            (request.QueryParameters.After, request.QueryParameters.Limit) = (page.MoreItemsAfter, 1)))!;
        Tell("next", next.Items!.Count, next.Items.Any(item => item.Id == page.MoreItemsAfter));
        var sim = (await sims[page.Items[0].Id!].GetAsync())!;
        Tell("sim", sim.Object, sim.Status, sim.Type);

        var found = (await sims.Search.PostAsync(new SimSearch { Iccid = sim.Iccid }))!;
        Tell("sent", story.Sent.Replace(sim.Iccid!, "ICCID"));
        Tell("found", found.Items!.Count, found.Items[0].Id == sim.Id);
        var metadata = new SimUpdate_metadata { AdditionalData = new Dictionary<string, object> { ["story"] = "told" } };
        var updated = (await sims[sim.Id!].PatchAsync(new SimUpdate { Metadata = metadata }))!;
        Tell("sent", story.Sent);
        Tell("metadata", updated.Metadata!.AdditionalData["story"]);

        Tell("nobody", await RefusedAsync(() => sims["sim_0000000000000000000000"].GetAsync(), Code));
        Tell("limit", await RefusedAsync(() => sims.GetAsync(request => request.QueryParameters.Limit = 1000), Code));
    }

    private static object? Code(Exception refused) => ((Error)refused).Type;
}
