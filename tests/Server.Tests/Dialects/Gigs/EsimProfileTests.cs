using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Dialects.Gigs.Sandbox;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>The eSIM profile, as operators report it.</summary>
public sealed class EsimProfileTests(Sandbox sandbox) : IClassFixture<Sandbox>
{

    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task Before_the_first_event_it_is_unknown_since_the_SIM_was_created()
    {
        var id = await EsimAsync("p3");
        var sim = (await Server.Gigs.FetchAsync($"{SimsPath}/{id}")).Text;
        var createdAt = (await Server.Gigs.FetchAsync($"{SimsPath}/{id}"))["createdAt"];
        var answer = await ProfileAsync(id);
        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        Assert.Equal($$"""{"object":"eSimProfile","sim":{{sim}},"status":"unknown","updatedAt":"{{createdAt}}"}""", answer.Text);
    }

    [Theory]
    [InlineData("test")]
    [InlineData("p3")]
    [InlineData("p14")]
    [InlineData("p15")]
    public async Task It_follows_what_is_reported_of_a_provider_that_reports(string provider)
    {
        var id = await EsimAsync(provider);
        var hour = 0;
        foreach (var status in (string[])["installed", "enabled", "disabled", "enabled", "deleted", "installed"])
        {
            var at = $"2030-01-02T{++hour:D2}:04:05";
            await ReportAsync(id, status, at + ".678Z");
            var profile = await ProfileAsync(id);
            Assert.Equal((status, at + "Z"), (profile["status"], profile["updatedAt"]));
        }
    }

    [Fact]
    public async Task A_report_without_a_time_is_of_now()
    {
        var id = await EsimAsync("test");
        var before = sandbox.Wall.GetUtcNow();
        await ReportAsync(id, "installed");
        var updatedAt = (await ProfileAsync(id)).Json.GetProperty("updatedAt").GetDateTimeOffset();
        Assert.InRange(updatedAt, before.AddSeconds(-1), sandbox.Wall.GetUtcNow());
    }

    [Theory]
    [InlineData("p9")]
    [InlineData("p4")]
    [InlineData("p33")]
    public async Task It_stays_unknown_for_other_providers_whatever_is_reported(string provider)
    {
        var id = await EsimAsync(provider);
        await ReportAsync(id, "enabled", "2030-01-02T03:04:05Z");
        var profile = await ProfileAsync(id);
        Assert.Equal("unknown", profile["status"]);
        Assert.Equal(profile.Json.GetProperty("sim").GetProperty("createdAt").GetString(), profile["updatedAt"]);
    }

    [Fact]
    public async Task Which_providers_report_is_a_setting()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["EsimProfile:Providers"] = "p9" });
        foreach (var (provider, status) in new[] { ("p9", "enabled"), ("p3", "unknown") })
        {
            var id = await server.GigsSimAsync(provider, "eSIM");
            await server.Operator.CallAsync("PUT", $"/operator/v1/sims/{id}/esim-profile", """{"status":"enabled"}""");
            Assert.Equal(status, (await server.Gigs.FetchAsync($"{SimsPath}/{id}/eSimProfile"))["status"]);
        }
    }

    [Fact]
    public async Task It_has_nothing_to_do_with_the_status_of_the_SIM()
    {
        var id = await EsimAsync("test");
        await ReportAsync(id, "deleted");
        await Server.SettleAsync(id, "active");
        var profile = await ProfileAsync(id);
        Assert.Equal(("deleted", "active"), (profile["status"], profile.Json.GetProperty("sim").GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_pSIM_has_none()
    {
        var id = (await Server.Gigs.FetchAsync(SimsPath + "?type=pSIM")).Each("id")[0];
        var answer = await ProfileAsync(id);
        Assert.Equal(
            (404, """{"object":"error","message":"The eSIM profile of a pSIM was not found.","type":"notFound"}"""),
            (answer.Status, answer.Text));
        Assert.Equal(409, (await Server.Operator.CallAsync("PUT", $"/operator/v1/sims/{id}/esim-profile",
            """{"status":"installed"}""")).Status);
    }

    private Task<string> EsimAsync(string provider) => Server.GigsSimAsync(provider, "eSIM");

    private Task<Answer> ProfileAsync(string id) => Server.Gigs.FetchAsync($"{SimsPath}/{id}/eSimProfile");

    private async Task ReportAsync(string id, string status, string? at = null)
    {
        var body = at is null ? $$"""{"status":"{{status}}"}""" : $$"""{"status":"{{status}}","at":"{{at}}"}""";
        var answer = await Server.Operator.CallAsync("PUT", $"/operator/v1/sims/{id}/esim-profile", body);
        Assert.True(answer.Status == 200, answer.Text);
    }
}
