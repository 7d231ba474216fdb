using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class UpdateTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private TestServer Server => sandbox.Server;

    [Theory]
    [InlineData("UniqueName", "unique_name", "truck 7", null)]
    [InlineData("FriendlyName", "friendly_name", "Ünïcode & <more> 🚚", null)]
    [InlineData("CommandsCallbackUrl", "commands_callback_url", "https://example.com/?a=1&b=2", null)]
    [InlineData("CommandsCallbackMethod", "commands_callback_method", "GET", "POST")]
    [InlineData("SmsFallbackMethod", "sms_fallback_method", "GET", "POST")]
    [InlineData("SmsFallbackUrl", "sms_fallback_url", "http://example.com/1", null)]
    [InlineData("SmsMethod", "sms_method", "GET", "POST")]
    [InlineData("SmsUrl", "sms_url", "http://example.com/2", null)]
    [InlineData("VoiceFallbackMethod", "voice_fallback_method", "GET", "POST")]
    [InlineData("VoiceFallbackUrl", "voice_fallback_url", "http://example.com/3", null)]
    [InlineData("VoiceMethod", "voice_method", "GET", "POST")]
    [InlineData("VoiceUrl", "voice_url", "http://example.com/4", null)]
    [InlineData("RatePlan", "rate_plan_sid", TestServer.PlanSid, null)]
    public async Task A_parameter_sets_its_property_at_once_alone_and_an_empty_one_clears_it(
        string parameter, string property, string value, string? cleared)
    {
        var sid = await Server.SimAsync();
        var before = await Server.Kore.FetchAsync($"/v1/Sims/{sid}");

        var set = (await Server.Kore.FormAsync($"/v1/Sims/{sid}", (parameter, value))).Is(200);

        Assert.Equal(value, set[property]);
        Assert.Equal([property], Differences(before, set));
        Assert.Equal(set, await Server.Kore.FetchAsync($"/v1/Sims/{sid}"));
        var empty = (await Server.Kore.FormAsync($"/v1/Sims/{sid}", (parameter, ""))).Is(200);
        Assert.Equal(cleared, empty[property]);
        Assert.Empty(Differences(before, empty));
    }

    [Fact]
    public async Task All_parameters_go_in_one_request_and_what_is_silent_stays()
    {
        var sid = await Server.SimAsync();
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}",
            ("UniqueName", "all-in-one"), ("FriendlyName", "First"), ("RatePlan", "sandbox-plan"), ("SmsUrl", "http://example.com/sms")))
            .Is(200);

        var sim = (await Server.Kore.FormAsync("/v1/Sims/all-in-one", ("FriendlyName", "Second"))).Is(200);

        Assert.Equal(
            ("all-in-one", "Second", TestServer.PlanSid, "http://example.com/sms"),
            (sim["unique_name"], sim["friendly_name"], sim["rate_plan_sid"], sim["sms_url"]));
    }

    [Theory]
    [InlineData("Fancy", "1")]
    [InlineData("uniquename", "lower")]
    [InlineData("Iccid", "8988300000009999999")]
    [InlineData("Sid", "DE00000000000000000000000000000000")]
    public async Task An_unknown_parameter_is_ignored(string name, string value)
    {
        var sid = await Server.SimAsync();
        var before = await Server.Kore.FetchAsync($"/v1/Sims/{sid}");
        Assert.Equal(before, (await Server.Kore.FormAsync($"/v1/Sims/{sid}", (name, value))).Is(200));
    }

    [Fact]
    public async Task A_request_without_a_body_or_with_the_values_of_now_changes_nothing()
    {
        var sid = await Server.SimAsync();
        var before = (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("FriendlyName", "Same"), ("RatePlan", "sandbox-plan"))).Is(200);
        var events = Events(sid);

        Assert.Equal(before, (await Server.Kore.CallAsync("POST", $"/v1/Sims/{sid}")).Is(200));
        Assert.Equal(before, (await Server.Kore.FormAsync(
            $"/v1/Sims/{sid}", ("FriendlyName", "Same"), ("RatePlan", TestServer.PlanSid), ("SmsMethod", "POST"))).Is(200));
        Assert.Equal(events, Events(sid));
    }

    [Fact]
    public async Task Every_change_is_one_event_that_names_the_account_and_only_what_differs()
    {
        var sid = await Server.SimAsync();
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("FriendlyName", "Named"), ("RatePlan", "sandbox-plan"))).Is(200);

        var rows = Events(sid);

        Assert.Equal(2, rows.Count);
        Assert.StartsWith($"sim.updated|account|{TestServer.MasterSid}|", rows[1]);
        Assert.EndsWith($$$"""
            |{"previous":{"friendlyName":null,"ratePlan":null},"updated":{"friendlyName":"Named","ratePlan":"{{{TestServer.PlanSid}}}"}}
            """, rows[1]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    public async Task An_empty_rate_plan_and_the_word_null_remove_it(string nothing)
    {
        var sid = await Server.SimAsync();
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("RatePlan", "sandbox-plan"))).Is(200);
        var sim = (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("RatePlan", nothing))).Is(200);
        Assert.Null(sim["rate_plan_sid"]);
        Assert.False(sim.Json.GetProperty("links").TryGetProperty("rate_plan", out _));
    }

    [Fact]
    public async Task A_masters_plan_change_of_a_subaccounts_SIM_takes_the_subaccounts_plan()
    {
        var sid = await Server.SimAsync("lab", TestServer.SubaccountSid);
        Assert.Equal("33108", (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("RatePlan", "sandbox-plan"))).Is(404)["code"]);
        var sim = (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("RatePlan", "sandbox-plan-sub"))).Is(200);
        Assert.Equal("WP00000000000000000000000000000002", sim["rate_plan_sid"]);
    }

    [Fact]
    public async Task The_plan_of_an_active_SIM_changes_at_once_within_its_limit_strategy()
    {
        var account = await Server.AccountAsync();
        var (first, second) = (Store.AddPlan(Server, account.Sid), Store.AddPlan(Server, account.Sid));
        var sid = await Server.SimAsync("lab", account.Sid);
        await Server.ReachAsync(account.Kore, sid, "active", first);

        var sim = (await account.Kore.FormAsync($"/v1/Sims/{sid}", ("RatePlan", second), ("Status", "active"))).Is(200);

        Assert.Equal(("active", second), (sim["status"], sim["rate_plan_sid"]));
    }

    [Fact]
    public async Task A_unique_name_is_unique_within_its_account_only_and_free_once_cleared()
    {
        var (first, second) = (await Server.SimAsync(), await Server.SimAsync());
        var other = await Server.SimAsync("lab", TestServer.SubaccountSid);
        (await Server.Kore.FormAsync($"/v1/Sims/{first}", ("UniqueName", "the-one"))).Is(200);

        Assert.Equal("33101", (await Server.Kore.FormAsync($"/v1/Sims/{second}", ("UniqueName", "the-one"))).Is(400)["code"]);
        (await Server.KoreSub.FormAsync($"/v1/Sims/{other}", ("UniqueName", "the-one"))).Is(200);
        (await Server.Kore.FormAsync($"/v1/Sims/{first}", ("UniqueName", "the-one"))).Is(200);
        (await Server.Kore.FormAsync($"/v1/Sims/{first}", ("UniqueName", ""))).Is(200);
        (await Server.Kore.FormAsync($"/v1/Sims/{second}", ("UniqueName", "the-one"))).Is(200);
    }

    [Fact]
    public async Task Of_twenty_who_take_one_name_at_once_one_gets_it()
    {
        var account = await Server.AccountAsync();
        var sims = new List<string>();
        for (var i = 0; i < 20; i++)
            sims.Add(await Server.SimAsync("lab", account.Sid));

        var answers = await Task.WhenAll(sims.Select(sid => account.Kore.FormAsync($"/v1/Sims/{sid}", ("UniqueName", "wanted"))));

        Assert.Equal(1, answers.Count(answer => answer.Status == 200));
        Assert.Equal(19, answers.Count(answer => answer.Status == 400));
    }

    [Fact]
    public async Task A_repeated_parameter_counts_as_it_was_sent_last()
    {
        var sid = await Server.SimAsync();
        var sim = (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("FriendlyName", "a"), ("FriendlyName", "b"))).Is(200);
        Assert.Equal("b", sim["friendly_name"]);
    }

    private IReadOnlyList<string> Events(string sid) =>
        Store.Rows(Server, "select type, actor_kind, actor_sid, actor_address, data from events where sim_id = $sim order by id", sid);

    /// <summary>
    /// The names of the properties in which two answers differ, when they were last written and what follows from it left out.
    /// </summary>
    private static IEnumerable<string> Differences(Answer before, Answer after) =>
        after.Json.EnumerateObject()
            .Where(property => property.Name is not ("date_updated" or "links"))
            .Where(property => !JsonElement.DeepEquals(property.Value, before.Json.GetProperty(property.Name)))
            .Select(property => property.Name);
}
