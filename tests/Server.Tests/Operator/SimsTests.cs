using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Operator;

public sealed class SimsTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Sims = "/operator/v1/sims";
    private const string ESim = "eSIM";

    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_SIM_is_found_by_either_id_and_shows_both_and_no_secret()
    {
        var account = await Server.AccountAsync();
        var sid = await Server.SimAsync("lab", account.Sid,
            ("type", ESim), ("smdp_address", "smdp.example.com"), ("matching_id", "CANARY-MATCH"),
            ("imsi", "001010000000777"), ("metadata.a", "b"));

        var bySid = (await Server.Operator.FetchAsync($"{Sims}/{sid}")).Is(200);

        Assert.Equal(bySid, await Server.Operator.FetchAsync($"{Sims}/{bySid["id"]}"));
        Assert.Matches("^sim_[0-9A-Za-z]{22}$", bySid["id"]);
        Assert.Equal(
            (sid, account.Sid, account.Project, "lab", "new", "new", "inactive"),
            (bySid["sid"], bySid["account"], bySid["project"], bySid["provider"], bySid["status"], bySid["shown"], bySid["gigsStatus"]));
        Assert.Equal(("001010000000777", "smdp.example.com", """{"a":"b"}"""), (bySid["imsi"], bySid["smdpAddress"], bySid["metadata"]));
        Canaries.Check("SIM", bySid.Text);
    }

    [Fact]
    public async Task Filters_narrow_the_list_down_and_pages_go_through_all_orgs_newest_first()
    {
        var (one, two) = (await Server.AccountAsync(), await Server.AccountAsync());
        var provider = $"net-{Fleet.Number()}";
        var sims = new List<string>();
        foreach (var account in new[] { one, two, one, two, one })
            sims.Add(await Server.SimAsync(provider, account.Sid));
        (await one.Kore.FormAsync($"/v1/Sims/{sims[0]}", ("Status", "deactivated"))).Is(202);
        await Server.EndAsync(sims[0]);
        var iccid = (await Server.Operator.FetchAsync($"{Sims}/{sims[3]}"))["iccid"];

        Assert.Equal([sims[4], sims[3], sims[2], sims[1], sims[0]], await SidsAsync($"provider={provider}&limit=2"));
        Assert.Equal([sims[4], sims[2], sims[0]], await SidsAsync($"account={one.Sid}&limit=1"));
        Assert.Equal([sims[4], sims[2]], await SidsAsync($"account={one.Sid}&status=new"));
        Assert.Equal([sims[0]], await SidsAsync($"provider={provider}&status=deactivated"));
        Assert.Equal([sims[3]], await SidsAsync($"iccid={iccid}"));
        Assert.Equal([sims[3]], await SidsAsync($"iccid={iccid}F"));
        Assert.Empty(await SidsAsync($"iccid={iccid}&account={one.Sid}"));
        Assert.Empty(await SidsAsync("provider=nobody"));
    }

    [Theory]
    [InlineData("installed")]
    [InlineData("enabled")]
    [InlineData("disabled")]
    [InlineData("deleted")]
    public async Task A_report_of_an_eSIM_profile_is_shown_in_both_places_and_is_one_event(string status)
    {
        var sid = await Server.SimAsync("test", TestServer.MasterSid, ("type", ESim), ("smdp_address", "smdp.example.com"));
        var report = $$"""{"status":"{{status}}","at":"2026-01-02T03:04:05+01:00"}""";

        var sim = (await PutAsync(sid, report)).Is(200);
        (await PutAsync(sid, report)).Is(200);

        Assert.Equal($$"""{"status":"{{status}}","updatedAt":"2026-01-02T02:04:05.000Z"}""", sim["esimProfile"]);
        Assert.Equal(status, (await Server.Gigs.FetchAsync($"/projects/sandbox/sims/{sim["id"]}/eSimProfile")).Is(200)["status"]);
        Assert.Equal(
            ["sim.created|operator", "sim.profile_updated|operator"],
            Store.Rows(Server, "select type, actor_kind from events where sim_id = $sim order by id", sid));
    }

    [Fact]
    public async Task A_profile_is_unknown_before_the_first_report_and_a_pSIM_has_none()
    {
        var esim = await Server.SimAsync("test", TestServer.MasterSid, ("type", ESim), ("smdp_address", "smdp.example.com"));
        var psim = await Server.SimAsync("test");

        var sim = (await Server.Operator.FetchAsync($"{Sims}/{esim}")).Is(200);
        Assert.Equal($$"""{"status":"unknown","updatedAt":"{{sim["createdAt"]}}"}""", sim["esimProfile"]);
        Assert.Null((await Server.Operator.FetchAsync($"{Sims}/{psim}")).Is(200)["esimProfile"]);
        Assert.Equal("stateForbids", (await PutAsync(psim, """{"status":"installed"}""")).Is(409)["code"]);
    }

    private Task<Answer> PutAsync(string sid, string json) =>
        Server.Operator.CallAsync("PUT", $"{Sims}/{sid}/esim-profile", json);

    private async Task<IReadOnlyList<string>> SidsAsync(string query) =>
        [.. (await Server.Operator.AllAsync($"{Sims}?{query}")).Select(sim => sim.GetProperty("sid").GetString()!)];
}
