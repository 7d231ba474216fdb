using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class ListTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task The_newest_SIM_comes_first_and_meta_names_every_URL()
    {
        var (account, sims) = await AccountWithAsync(3);

        var list = (await account.Kore.FetchAsync("/v1/Sims")).Is(200);

        Assert.Equal(["sims", "meta"], list.Json.EnumerateObject().Select(property => property.Name));
        Assert.Equal(sims.Reverse(), Sids(list));
        var url = $"{Server.Url.ToString().TrimEnd('/')}/v1/Sims?PageSize=50&Page=0";
        Assert.Equal($$"""
            {"first_page_url":"{{url}}","key":"sims","next_page_url":null,"page":0,"page_size":50,"previous_page_url":null,"url":"{{url}}"}
            """, list["meta"]);
        Assert.Equal((await account.Kore.FetchAsync($"/v1/Sims/{sims[2]}")).Text, list.Json.GetProperty("sims")[0].GetRawText());
    }

    [Fact]
    public async Task An_account_without_SIMs_gets_an_empty_list()
    {
        var account = await Server.AccountAsync();
        var list = (await account.Kore.FetchAsync("/v1/Sims.json?PageSize=5")).Is(200);
        Assert.Empty(Sids(list));
        Assert.Null(Meta(list, "next_page_url"));
        Assert.Null(Meta(list, "previous_page_url"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(7)]
    public async Task Following_the_next_page_sees_every_SIM_once_and_the_previous_page_leads_back(int pageSize)
    {
        const int Count = 6;
        var (account, sims) = await AccountWithAsync(Count);

        var pages = await FollowAsync(account.Kore, $"/v1/Sims?PageSize={pageSize}", "next_page_url");

        Assert.Equal((Count + pageSize - 1) / pageSize, pages.Count);
        Assert.Equal(sims.Reverse(), pages.SelectMany(Sids));
        Assert.Equal(Enumerable.Range(0, pages.Count), pages.Select(page => page.Json.GetProperty("meta").GetProperty("page").GetInt32()));
        var back = await FollowAsync(account.Kore, Meta(pages[^1], "url")!, "previous_page_url");
        Assert.Equal(pages.Select(Sids).Reverse(), back.Select(Sids));
        Assert.Equal(Meta(pages[0], "first_page_url"), Meta(pages[^1], "first_page_url"));
        Assert.Equal(pages[^1].Text, (await account.Kore.FetchAsync(Meta(pages[^1], "url")!)).Text);
    }

    [Fact]
    public async Task Pages_stay_whole_while_SIMs_come_and_go()
    {
        var (account, sims) = await AccountWithAsync(5);
        var first = await account.Kore.FetchAsync("/v1/Sims?PageSize=2");
        await Server.SimAsync("lab", account.Sid);
        (await account.Kore.DropAsync($"/v1/Sims/{sims[3]}")).Is(204); // the last of the first page, which its cursor names

        var rest = await FollowAsync(account.Kore, Meta(first, "next_page_url")!, "next_page_url");

        Assert.Equal([sims[2], sims[1], sims[0]], rest.SelectMany(Sids));
    }

    [Theory]
    [InlineData("1000", "1000")]
    [InlineData("1001", "1000")]
    [InlineData("5000", "1000")]
    [InlineData("5000000000", "1000")]
    [InlineData("1", "1")]
    public async Task A_page_size_over_1000_is_clamped(string asked, string answered)
    {
        var list = (await Server.Kore.FetchAsync($"/v1/Sims?PageSize={asked}")).Is(200);
        Assert.Equal(answered, Meta(list, "page_size"));
        Assert.Contains($"PageSize={answered}&", Meta(list, "url"));
    }

    [Fact]
    public async Task Each_filter_finds_its_SIM_and_is_repeated_in_every_URL()
    {
        var (account, _) = await AccountWithAsync(2);
        var plan = Store.AddPlan(Server, account.Sid, "gold & silver");
        var eid = "89049032020008884800228685580134";
        var sid = await Server.SimAsync("lab", account.Sid, ("eid", eid), ("registration_code", "REG-7"));
        (await account.Kore.FormAsync($"/v1/Sims/{sid}", ("RatePlan", plan))).Is(200);
        var iccid = (await account.Kore.FetchAsync($"/v1/Sims/{sid}"))["iccid"];

        foreach (var filter in new[]
        {
            $"Iccid={iccid}", $"RatePlan={plan}", "RatePlan=gold%20%26%20silver", $"EId={eid}", "SimRegistrationCode=REG-7",
            $"Status=new&Iccid={iccid}&RatePlan={plan}&EId={eid}&SimRegistrationCode=REG-7",
        })
        {
            var list = (await account.Kore.FetchAsync($"/v1/Sims?{filter}")).Is(200);
            Assert.Equal([sid], Sids(list));
            Assert.EndsWith($"/v1/Sims?{filter}&PageSize=50&Page=0", Meta(list, "first_page_url"));
            Assert.EndsWith($"/v1/Sims?{filter}&PageSize=50&Page=0", Meta(list, "url"));
        }
    }

    [Theory]
    [InlineData("Iccid=8988300000009999999")]
    [InlineData("Iccid=%00")]
    [InlineData("RatePlan=WP00000000000000000000000000000002")]
    [InlineData("RatePlan=sandbox-plan-sub")]
    [InlineData("EId=1")]
    [InlineData("SimRegistrationCode=no")]
    [InlineData("Status=deleted")]
    [InlineData("Status=canceled")]
    public async Task A_filter_that_fits_nothing_answers_an_empty_list(string filter)
    {
        Assert.Empty(Sids((await Server.Kore.FetchAsync($"/v1/Sims?{filter}")).Is(200)));
    }

    [Fact]
    public async Task Status_filters_by_the_status_that_is_shown()
    {
        var (account, sims) = await AccountWithAsync(3);
        var plan = Store.AddPlan(Server, account.Sid);
        await Server.ReachAsync(account.Kore, sims[0], "active", plan);
        (await account.Kore.FormAsync($"/v1/Sims/{sims[0]}", ("Status", "suspended"))).Is(202);
        (await account.Kore.FormAsync($"/v1/Sims/{sims[1]}", ("Status", "ready"), ("RatePlan", plan))).Is(202);

        Assert.Equal([sims[1], sims[0]], Sids(await account.Kore.FetchAsync("/v1/Sims?Status=updating")));
        Assert.Equal([sims[2]], Sids(await account.Kore.FetchAsync("/v1/Sims?Status=new")));
        Assert.Empty(Sids(await account.Kore.FetchAsync("/v1/Sims?Status=active")));
        Assert.Empty(Sids(await account.Kore.FetchAsync("/v1/Sims?Status=scheduled")));
        var pages = await FollowAsync(account.Kore, "/v1/Sims?Status=updating&PageSize=1", "next_page_url");
        Assert.Equal([sims[1], sims[0]], pages.SelectMany(Sids));

        await Server.EndAsync(sims[0]);
        Assert.Equal([sims[0]], Sids(await account.Kore.FetchAsync("/v1/Sims?Status=suspended")));
    }

    [Fact]
    public async Task A_master_lists_its_own_SIMs_only_and_so_does_a_subaccount()
    {
        var master = await Server.AccountAsync();
        var sub = await Server.AccountAsync(master.Sid);
        var own = await Server.SimAsync("lab", master.Sid);
        var subs = await Server.SimAsync("lab", sub.Sid);

        Assert.Equal([own], Sids(await master.Kore.FetchAsync("/v1/Sims")));
        Assert.Equal([subs], Sids(await sub.Kore.FetchAsync("/v1/Sims")));
    }

    [Fact]
    public async Task Unknown_parameters_and_empty_filters_are_ignored()
    {
        var (account, sims) = await AccountWithAsync(1);
        Assert.Equal(sims, Sids((await account.Kore.FetchAsync("/v1/Sims?Fancy=1&Status=&Iccid=&status=active&PageToken=")).Is(200)));
    }

    private static IEnumerable<string> Sids(Answer list) =>
        list.Json.GetProperty("sims").EnumerateArray().Select(sim => sim.GetProperty("sid").GetString()!);

    private static string? Meta(Answer list, string name) => (list with { Text = list["meta"]! })[name];

    /// <summary>The page and all that follow it in one direction.</summary>
    private static async Task<List<Answer>> FollowAsync(HttpClient kore, string url, string direction)
    {
        var pages = new List<Answer>();
        for (var next = url; next is not null && pages.Count < 20; next = Meta(pages[^1], direction))
            pages.Add((await kore.FetchAsync(next)).Is(200));
        return pages;
    }

    private async Task<(OwnAccount Account, IReadOnlyList<string> Sims)> AccountWithAsync(int count)
    {
        var account = await Server.AccountAsync();
        var sims = new List<string>();
        for (var i = 0; i < count; i++)
            sims.Add(await Server.SimAsync("lab", account.Sid));
        return (account, sims);
    }
}
