using Clients.Gigs;
using static Clients.Story;

namespace Clients;

internal static class GigsStory
{
    private const string Project = "sandbox";

    public static async Task TellAsync()
    {
        var (http, story) = Begin("gpk_sandbox");
        var client = new GigsClient(http);

        var page = await client.ListSimsAsync(Project, status: [SimStatus.Inactive, SimStatus.Active], limit: 2);
        Tell("sims", page.Items.Count, page.MoreItemsAfter == page.Items.Last().Id);
        var next = await client.ListSimsAsync(Project, after: page.MoreItemsAfter, limit: 1);
        Tell("next", next.Items.Count, next.Items.Any(item => item.Id == page.MoreItemsAfter));
        var sim = await client.GetSimAsync(Project, page.Items.First().Id);
        Tell("sim", sim.Object, sim.Status, sim.Type);

        var found = await client.SearchSimsAsync(new SimSearch { Iccid = sim.Iccid }, Project);
        Tell("sent", story.Sent.Replace(sim.Iccid, "ICCID"));
        Tell("found", found.Items.Count, found.Items.First().Id == sim.Id);
        var change = new SimUpdate { Metadata = new Dictionary<string, string> { ["story"] = "told" } };
        var updated = await client.UpdateSimAsync(change, Project, sim.Id);
        Tell("sent", story.Sent);
        Tell("metadata", updated.Metadata["story"]);

        Tell("nobody", await RefusedAsync(() => client.GetSimAsync(Project, "sim_0000000000000000000000")));
        Tell("limit", await RefusedAsync(() => client.ListSimsAsync(Project, limit: 1000)));
    }

    private static async Task<string> RefusedAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            await ask();
            return "done";
        }
        catch (ApiException<Error> refused)
        {
            return $"{refused.StatusCode} {refused.Result.GetType().Name} {refused.Result.Type}";
        }
    }
}
