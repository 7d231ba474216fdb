using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Dialects.Gigs.Sandbox;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>Retrieve and list with filters (developers.gigs.com/api/latest/core/sims). Pages are in <see cref="PagingTests"/>.</summary>
public sealed class SimsTests(SimsTests.Mixed sandbox) : IClassFixture<SimsTests.Mixed>
{
    /// <summary>SIMs that differ in everything a list can filter by.</summary>
    public sealed class Mixed : Sandbox
    {
        internal static readonly (string Iccid, string Provider, string Type, string User, string Status)[] Expected =
        [
            .. from provider in (string[])["p3", "p9"]
               from type in (string[])["eSIM", "pSIM"]
               from user in (string[])["usr_1", "usr_2"]
               from status in (string[])["inactive", "active", "retired"]
               select (provider, type, user, status) into sim
               select (Iccid: "", sim.provider, sim.type, sim.user, sim.status),
        ];

        protected override async ValueTask FillAsync()
        {
            for (var i = 0; i < Expected.Length; i++)
                Expected[i].Iccid = Fleet.Iccid();
            await Server.Operator.ImportRowsAsync("iccid,provider,type,user",
                [.. Expected.Select(sim => $"{sim.Iccid},{sim.Provider},{sim.Type},{sim.User}")]);
            var retire = new List<string>();
            foreach (var sim in Expected)
            {
                if (sim.Status == "active")
                    await Server.SettleAsync(await Server.GigsIdAsync(sim.Iccid), "active");
                else if (sim.Status == "retired")
                    retire.Add(await Server.GigsIdAsync(sim.Iccid));
            }
            await Server.RetireAsync(Wall, [.. retire]);
        }
    }

    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_SIM_is_shown_with_exactly_the_properties_of_the_page_in_their_order()
    {
        await Server.Operator.ImportRowsAsync("iccid,provider,type,metadata.batch,metadata.note",
            ["8988307999999999990,p3,eSIM,2026-01,\"a \"\"b\"\"\""], TestServer.SubaccountSid);
        var id = await Server.GigsIdAsync("8988307999999999990");
        var createdAt = (await Server.Operator.FetchAsync($"/operator/v1/sims/{id}"))["createdAt"]![..19] + "Z";
        var answer = await Server.Bearer("gpk_sandbox_sub").FetchAsync($"/projects/sandbox-sub/sims/{id}");
        Assert.Equal(200, answer.Status);
        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal(
            $$$"""
            {"object":"sim","id":"{{{id}}}","metadata":{"batch":"2026-01","note":"a \"b\""},"createdAt":"{{{createdAt}}}",
            "iccid":"8988307999999999990","provider":"p3","status":"inactive","type":"eSIM"}
            """.ReplaceLineEndings(""),
            answer.Text);
    }

    [Fact]
    public async Task A_list_has_exactly_the_properties_of_the_page_and_the_newest_SIM_first()
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
            ids.Add(await Server.GigsSimAsync("p-order", "pSIM"));
        var list = await Server.Gigs.FetchAsync(SimsPath + "?provider=p-order&limit=2");
        Assert.Equal(200, list.Status);
        var sims = list.Items.Select(sim => sim.GetRawText()).ToArray();
        Assert.Equal($$"""{"object":"list","items":[{{sims[0]}},{{sims[1]}}],"moreItemsAfter":"{{ids[1]}}","moreItemsBefore":null}""",
            list.Text);
        Assert.Equal([ids[2], ids[1]], list.Each("id"));
        Assert.Equal((await Server.Gigs.FetchAsync($"{SimsPath}/{ids[2]}")).Text, sims[0]);
    }

    [Fact]
    public async Task A_SIM_without_metadata_has_an_empty_object()
    {
        var sim = (await Server.Gigs.FetchAsync(SimsPath + "?provider=p9&limit=1")).Items[0];
        Assert.Equal("{}", sim.GetProperty("metadata").GetRawText());
    }

    [Theory]
    [InlineData("inactive")]
    [InlineData("active", "ready")]
    [InlineData("active", "active")]
    [InlineData("inactive", "active", "suspended")]
    [InlineData("inactive", "active", "deactivated")]
    [InlineData("active", "deactivated", "active")]
    public async Task The_status_says_whether_the_network_is_open_to_the_SIM(string status, params string[] life)
    {
        var id = await Server.GigsSimAsync("test", "pSIM");
        await Server.SettleAsync(id, life);
        Assert.Equal(status, (await Server.Gigs.FetchAsync($"{SimsPath}/{id}"))["status"]);
        Assert.Contains(id, (await Server.Gigs.FetchAsync($"{SimsPath}?status={status}&limit=200")).Each("id"));
    }

    [Fact]
    public async Task An_update_under_way_changes_no_status_and_no_filter()
    {
        var id = await Server.GigsSimAsync("p-manual", "pSIM");
        await Server.AskAsync(Fleet.Sid(id), "active");
        Assert.Equal("updating", await Server.ShownAsync(id));
        Assert.Equal("inactive", (await Server.Gigs.FetchAsync($"{SimsPath}/{id}"))["status"]);
        Assert.Equal([id], (await Server.Gigs.FetchAsync(SimsPath + "?provider=p-manual&status=inactive")).Each("id"));
        Assert.Contains(id, (await Server.Gigs.FetchAsync(SimsPath + "?status=inactive&limit=200")).Each("id"));
        Assert.Empty((await Server.Gigs.FetchAsync(SimsPath + "?provider=p-manual&status=active")).Each("id"));
    }

    [Fact]
    public async Task Every_filter_alone_and_with_every_other_takes_exactly_the_SIMs_it_names()
    {
        string?[] statuses = [null, "inactive", "active", "retired", "inactive,active", "active,retired", "retired,inactive,active"];
        foreach (var provider in (string[])["p3", "p9", "p3,p9", "p9,p-none"])
        {
            foreach (var status in statuses)
            {
                foreach (var (type, user) in from type in (string?[])[null, "eSIM", "pSIM"]
                                             from user in (string?[])[null, "usr_1", "usr_2", "usr_none"]
                                             select (type, user))
                {
                    var query = $"?limit=200&provider={provider}" + (status is null ? "" : "&status=" + status)
                        + (type is null ? "" : "&type=" + type) + (user is null ? "" : "&user=" + user);
                    var expected = Mixed.Expected.Where(sim => provider.Split(',').Contains(sim.Provider)
                        && (status is null || status.Split(',').Contains(sim.Status))
                        && (type ?? sim.Type) == sim.Type && (user ?? sim.User) == sim.User).Select(sim => sim.Iccid).Reverse();
                    var list = await Server.Gigs.FetchAsync(SimsPath + query);
                    Assert.True(expected.SequenceEqual(list.Each("iccid")), $"{query}: {list.Text}");
                }
            }
        }
    }

    [Theory]
    [InlineData("?user=usr_1", "usr_1", null, null)]
    [InlineData("?user=usr_2&type=eSIM", "usr_2", "eSIM", null)]
    [InlineData("?user=usr_2&status=retired", "usr_2", null, "retired")]
    [InlineData("?user=usr_2&type=pSIM&status=active", "usr_2", "pSIM", "active")]
    public async Task A_user_is_filtered_without_a_provider_too(string query, string user, string? type, string? status)
    {
        var expected = Mixed.Expected.Where(sim =>
            sim.User == user && (type ?? sim.Type) == sim.Type && (status ?? sim.Status) == sim.Status);
        var list = await Server.Gigs.FetchAsync(SimsPath + query + "&limit=200");
        Assert.Equal(expected.Select(sim => sim.Iccid).Reverse(), list.Each("iccid"));
    }

    [Theory]
    [InlineData("?provider=p3,p9&limit=200", "?provider=p3&provider=p9&limit=200")]
    [InlineData("?provider=p3,p9&limit=200", "?provider=p9&limit=200&provider=p3,p9")]
    [InlineData("?status=active,retired&limit=200", "?status=active&status=retired&limit=200")]
    [InlineData("?status=active,retired&limit=200", "?status=active,retired,active&status=retired&limit=200")]
    [InlineData("?status=active,retired&limit=200", "?status=active%2Cretired&limit=200")]
    [InlineData("?status=inactive,active,retired&limit=200", "?limit=200")]
    public async Task Several_values_are_given_with_commas_or_by_repeating_the_parameter(string one, string other)
    {
        var expected = await Server.Gigs.FetchAsync(SimsPath + one);
        Assert.NotEmpty(expected.Items);
        Assert.Equal(expected.Text, (await Server.Gigs.FetchAsync(SimsPath + other)).Text);
    }

    [Theory]
    [InlineData("?provider=p77")]
    [InlineData("?provider=P3")]
    [InlineData("?provider=%27%20or%201%3D1")]
    [InlineData("?user=usr_77")]
    [InlineData("?user=usr_")]
    [InlineData("?user=USR_1")]
    [InlineData("?user=usr_1&provider=test")]
    public async Task An_unknown_provider_or_user_has_no_SIMs(string query) =>
        Assert.Equal("""{"object":"list","items":[],"moreItemsAfter":null,"moreItemsBefore":null}""",
            (await Server.Gigs.FetchAsync(SimsPath + query)).Text);

    [Theory]
    [InlineData("/projects/sandbox//sims")]
    [InlineData("/projects//sandbox/sims")]
    [InlineData("/projects///sandbox////sims//")]
    public async Task Doubled_slashes_count_once(string path)
    {
        Assert.Equal((await Server.Gigs.FetchAsync(SimsPath + "?limit=3")).Text, (await Server.Gigs.FetchAsync(path + "?limit=3")).Text);
        var id = (await Server.Gigs.FetchAsync(SimsPath + "?limit=1")).Each("id")[0];
        Assert.Equal((await Server.Gigs.FetchAsync($"{SimsPath}/{id}")).Text, (await Server.Gigs.FetchAsync($"{path}//{id}")).Text);
    }

    [Fact]
    public async Task What_a_client_sends_with_a_GET_without_need_is_no_fault()
    {
        var answer = await Server.Gigs.CallAsync("GET", SimsPath, "", ("Accept", "application/json"), ("cache", "no-cache"),
            ("Idempotency-Key", new string('k', 300)));
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task Another_accounts_SIMs_are_in_no_list()
    {
        var own = await Server.Gigs.FetchAsync(SimsPath + "?limit=200");
        var others = await Server.Bearer("gpk_sandbox_sub").FetchAsync("/projects/sandbox-sub/sims?limit=200");
        Assert.NotEmpty(others.Items);
        Assert.Empty(own.Each("id").Intersect(others.Each("id")));
    }

    [Fact]
    public async Task Retired_SIMs_are_hidden_unless_asked_for_where_the_setting_says_so()
    {
        var wall = new MovableTime();
        var settings = Fleet.PromptCarriers;
        settings["Gigs:ListRetired"] = "false";
        await using var server = await TestServer.StartAsync(settings, wall);
        var retired = await server.GigsSimAsync("test", "pSIM", ("user", "usr_1"));
        var active = await server.GigsSimAsync("test", "pSIM", ("user", "usr_1"));
        await server.SettleAsync(active, "active");
        await server.RetireAsync(wall, retired);
        Assert.Equal([active], (await server.Gigs.FetchAsync(SimsPath + "?user=usr_1")).Each("id"));
        Assert.Equal([retired], (await server.Gigs.FetchAsync(SimsPath + "?status=retired")).Each("id"));
        Assert.Equal([active, retired], (await server.Gigs.FetchAsync(SimsPath + "?user=usr_1&status=inactive,active,retired")).Each("id"));
        Assert.Equal("retired", (await server.Gigs.FetchAsync($"{SimsPath}/{retired}"))["status"]);
    }
}
