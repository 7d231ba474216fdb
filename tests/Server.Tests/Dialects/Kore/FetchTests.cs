using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class FetchTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private static readonly string[] Properties =
    [
        "sid", "unique_name", "account_sid", "rate_plan_sid", "friendly_name", "iccid", "e_id", "eid", "status", "reset_status",
        "commands_callback_method", "commands_callback_url", "sms_fallback_method", "sms_fallback_url", "sms_method", "sms_url",
        "voice_fallback_method", "voice_fallback_url", "voice_method", "voice_url", "date_created", "date_updated",
        "url", "links", "ip_address",
    ];

    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_new_SIM_is_answered_with_every_property_in_the_documented_order()
    {
        var sid = await Server.SimAsync();

        var sim = (await Server.Kore.FetchAsync($"/v1/Sims/{sid}")).Is(200);

        Assert.Equal("application/json", sim.ContentType);
        Assert.Equal(Properties, sim.Json.EnumerateObject().Select(property => property.Name));
        var url = $"{Server.Url.ToString().TrimEnd('/')}/v1/Sims/{sid}";
        Assert.Equal($$"""
            {"sid":"{{sid}}","unique_name":null,"account_sid":"{{TestServer.MasterSid}}","rate_plan_sid":null,"friendly_name":null,
            "iccid":"{{sim["iccid"]}}","e_id":null,"eid":null,"status":"new","reset_status":null,"commands_callback_method":"POST",
            "commands_callback_url":null,"sms_fallback_method":"POST","sms_fallback_url":null,"sms_method":"POST","sms_url":null,
            "voice_fallback_method":"POST","voice_fallback_url":null,"voice_method":"POST","voice_url":null,
            "date_created":"{{sim["date_created"]}}","date_updated":"{{sim["date_updated"]}}","url":"{{url}}",
            "links":{"data_sessions":"{{url}}/DataSessions","usage_records":"{{url}}/UsageRecords"},"ip_address":null}
            """.ReplaceLineEndings(""), sim.Text);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", sim["date_created"]);
        Assert.Equal(sim["date_created"], sim["date_updated"]);
    }

    [Fact]
    public async Task What_was_imported_and_set_is_shown_with_a_link_to_the_rate_plan()
    {
        var sid = await Server.SimAsync("lab", TestServer.MasterSid,
            ("eid", "89049032020008884800228685580134"), ("ip_address", "192.0.2.7"), ("friendly_name", "Pump"),
            ("unique_name", "fetch-pump"));
        await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("RatePlan", TestServer.PlanSid));

        var sim = (await Server.Kore.FetchAsync($"/v1/Sims/{sid}")).Is(200);

        Assert.Equal(
            ("89049032020008884800228685580134", "192.0.2.7", "Pump", "fetch-pump", TestServer.PlanSid),
            (sim["e_id"], sim["ip_address"], sim["friendly_name"], sim["unique_name"], sim["rate_plan_sid"]));
        Assert.Equal(
            ["data_sessions", "rate_plan", "usage_records"], sim.Json.GetProperty("links").EnumerateObject().Select(link => link.Name));
        Assert.EndsWith($"/v1/RatePlans/{TestServer.PlanSid}", sim.Json.GetProperty("links").GetProperty("rate_plan").GetString());
    }

    [Theory]
    [InlineData("pump 7")]
    [InlineData("pump/7")]
    [InlineData("pümpe-ß")]
    [InlineData("50%")]
    [InlineData("a+b&c=d?e#f")]
    public async Task The_unique_name_stands_in_for_the_sid(string name)
    {
        var account = await Server.AccountAsync();
        var sid = await Server.SimAsync("lab", account.Sid);
        (await account.Kore.FormAsync($"/v1/Sims/{sid}", ("UniqueName", name))).Is(200);

        Assert.Equal(sid, (await account.Kore.FetchAsync($"/v1/Sims/{Uri.EscapeDataString(name)}")).Is(200)["sid"]);
        Assert.Equal(sid, (await account.Kore.FetchAsync($"/v1/Sims/{Uri.EscapeDataString(name)}.json")).Is(200)["sid"]);
    }

    [Fact]
    public async Task The_suffix_json_and_capital_hex_digits_name_the_same_SIM()
    {
        var sid = await Server.SimAsync();
        var plain = await Server.Kore.FetchAsync($"/v1/Sims/{sid}");

        Assert.Equal(plain, await Server.Kore.FetchAsync($"/v1/Sims/{sid}.json"));
        Assert.Equal(plain, await Server.Kore.FetchAsync($"/v1/Sims/DE{sid[2..].ToUpperInvariant()}"));
    }

    [Fact]
    public async Task A_master_reads_a_subaccounts_SIM_by_sid_but_not_by_name()
    {
        var name = $"sub-{Fleet.Number()}";
        var sid = await Server.SimAsync("lab", TestServer.SubaccountSid, ("unique_name", name));

        Assert.Equal(TestServer.SubaccountSid, (await Server.Kore.FetchAsync($"/v1/Sims/{sid}")).Is(200)["account_sid"]);
        (await Server.Kore.FetchAsync($"/v1/Sims/{name}")).Is(404);
        (await Server.KoreSub.FetchAsync($"/v1/Sims/{name}")).Is(200);
    }

    [Fact]
    public async Task A_subaccount_reaches_neither_its_masters_nor_its_siblings_SIMs()
    {
        var sibling = await Server.AccountAsync(TestServer.MasterSid);
        foreach (var sid in new[] { await Server.SimAsync(), await Server.SimAsync("lab", sibling.Sid) })
        {
            (await Server.KoreSub.FetchAsync($"/v1/Sims/{sid}")).Is(404);
            (await Server.KoreSub.FormAsync($"/v1/Sims/{sid}", ("FriendlyName", "mine"))).Is(404);
            (await Server.KoreSub.DropAsync($"/v1/Sims/{sid}")).Is(404);
            Assert.Null((await Server.Kore.FetchAsync($"/v1/Sims/{sid}")).Is(200)["friendly_name"]);
        }
    }

    [Fact]
    public async Task Another_customers_SIM_does_not_exist()
    {
        var stranger = await Server.AccountAsync();
        var sid = await Server.SimAsync("lab", stranger.Sid);

        (await Server.Kore.FetchAsync($"/v1/Sims/{sid}")).Is(404);
        (await stranger.Kore.FetchAsync($"/v1/Sims/{sid}")).Is(200);
    }

    [Fact]
    public async Task Absolute_URLs_repeat_the_host_of_the_request_and_CORS_names_the_page()
    {
        var sid = await Server.SimAsync();

        var answer = await Server.Kore.FetchAsync($"/v1/Sims/{sid}", ("Host", "sims.localhost:8443"), ("Origin", "http://localhost:3000"));

        Assert.Equal($"http://sims.localhost:8443/v1/Sims/{sid}", answer["url"]);
        Assert.Equal("http://localhost:3000", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }
}
