using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class MonitorOfMovesTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_move_is_shown_to_the_old_owner_the_new_one_and_the_master_who_made_it()
    {
        var master = await Server.AccountAsync();
        var (from, to, third) = (await Server.AccountAsync(master.Sid), await Server.AccountAsync(master.Sid),
            await Server.AccountAsync(master.Sid));
        var sim = await Server.SimAsync("lab", from.Sid);

        (await master.Kore.FormAsync($"/v1/Sims/{sim}", ("AccountSid", to.Sid))).Is(200);

        foreach (var account in new[] { from, to, master })
        {
            foreach (var filter in new[] { "", $"?ResourceSid={sim}", $"?ActorSid={master.Sid}", "?EventType=wireless-sim.updated",
                "?SourceIpAddress=127.0.0.1" })
            {
                var events = (await account.Kore.FetchAsync("/v1/Events" + filter)).Is(200).Json.GetProperty("events");
                var moved = Assert.Single(events.EnumerateArray());
                Assert.Equal((account.Sid, master.Sid, sim), (moved.GetProperty("account_sid").GetString(),
                    moved.GetProperty("actor_sid").GetString(), moved.GetProperty("resource_sid").GetString()));
                var one = (await account.Kore.FetchAsync($"/v1/Events/{moved.GetProperty("sid").GetString()}")).Is(200);
                Assert.Equal(moved.GetRawText(), one.Text);
            }
        }
        Assert.Empty(Events(await third.Kore.FetchAsync("/v1/Events")));
        (await third.Kore.FetchAsync($"/v1/Events/{Events(await to.Kore.FetchAsync("/v1/Events"))[0]}")).Is(404);
    }

    [Fact]
    public async Task Pages_and_dates_count_moves_and_other_events_as_one_list()
    {
        var master = await Server.AccountAsync();
        var sub = await Server.AccountAsync(master.Sid);
        var stays = await Server.SimAsync("lab", master.Sid);
        for (var i = 0; i < 3; i++)
        {
            var goes = await Server.SimAsync("lab", master.Sid);
            (await master.Kore.FormAsync($"/v1/Sims/{stays}", ("FriendlyName", $"{i}"))).Is(200);
            (await master.Kore.FormAsync($"/v1/Sims/{goes}", ("AccountSid", sub.Sid))).Is(200);
        }

        var all = Events(await master.Kore.FetchAsync("/v1/Events"));
        Assert.Equal(6, all.Count);
        Assert.Equal(all.OrderDescending(StringComparer.Ordinal), all);
        var paged = new List<string>();
        Answer? last = null;
        for (string? url = "/v1/Events?PageSize=2"; url is not null;)
        {
            last = (await master.Kore.FetchAsync(url)).Is(200);
            paged.AddRange(Events(last));
            url = last.Json.GetProperty("meta").GetProperty("next_page_url").GetString();
        }
        Assert.Equal(all, paged);
        var back = last!.Json.GetProperty("meta").GetProperty("previous_page_url").GetString()!;
        Assert.Equal(all[2..4], Events(await master.Kore.FetchAsync(back)));
        Assert.Equal(6, Events(await master.Kore.FetchAsync("/v1/Events?StartDate=2020-01-01")).Count);
        Assert.Empty(Events(await master.Kore.FetchAsync("/v1/Events?EndDate=2020-01-01")));
    }

    private static List<string> Events(Answer list) => [.. list.Is(200).Json.GetProperty("events").EnumerateArray()
        .Select(happened => happened.GetProperty("sid").GetString()!)];
}
