using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class StatusTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_status_is_updating_until_the_carrier_has_answered_and_then_holds()
    {
        var sid = await Server.SimAsync("test");

        var asked = (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "ready"), ("RatePlan", "sandbox-plan"))).Is(202);

        Assert.Equal(("updating", null), (asked["status"], asked["rate_plan_sid"]));
        var settled = await Calls.UntilAsync(() => Server.Kore.FetchAsync($"/v1/Sims/{sid}"), sim => sim["status"] is not "updating");
        Assert.Equal(("ready", TestServer.PlanSid), (settled["status"], settled["rate_plan_sid"]));
    }

    [Fact]
    public async Task A_rate_plan_with_a_status_settles_with_it_as_one_event()
    {
        var sid = await Server.SimAsync();
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "active"), ("RatePlan", "sandbox-plan"))).Is(202);

        Assert.Null((await Server.Kore.FetchAsync($"/v1/Sims/{sid}"))["rate_plan_sid"]);
        Assert.Equal(["sim.created"], Events(sid));
        await Server.EndAsync(sid);

        var sim = await Server.Kore.FetchAsync($"/v1/Sims/{sid}");
        Assert.Equal(("active", TestServer.PlanSid), (sim["status"], sim["rate_plan_sid"]));
        Assert.Equal(["sim.created", "sim.updated"], Events(sid));
        Assert.Equal($$$"""
            {"previous":{"status":"new","ratePlan":null},"updated":{"status":"active","ratePlan":"{{{TestServer.PlanSid}}}"}}
            """, Store.Rows(Server, "select data from events where sim_id = $sim order by id desc limit 1", sid)[0]);
    }

    [Fact]
    public async Task A_refusal_changes_neither_status_nor_rate_plan()
    {
        var sid = await Server.SimAsync();
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "active"), ("RatePlan", "sandbox-plan"))).Is(202);

        await Server.EndAsync(sid, "refused");

        var sim = await Server.Kore.FetchAsync($"/v1/Sims/{sid}");
        Assert.Equal(("new", null), (sim["status"], sim["rate_plan_sid"]));
        Assert.Equal(["sim.created", "operation.refused"], Events(sid));
    }

    [Fact]
    public async Task While_an_operation_is_open_names_and_URLs_can_be_edited_and_outlive_it()
    {
        var sid = await Server.SimAsync();
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "active"), ("RatePlan", "sandbox-plan"), ("FriendlyName", "At once")))
            .Is(202);
        Assert.Equal("At once", (await Server.Kore.FetchAsync($"/v1/Sims/{sid}"))["friendly_name"]);

        var edited = (await Server.Kore.FormAsync($"/v1/Sims/{sid}",
            ("FriendlyName", "Edited"), ("UniqueName", "edited-while-open"), ("CommandsCallbackUrl", "http://example.com/c"))).Is(200);

        Assert.Equal(("updating", "Edited"), (edited["status"], edited["friendly_name"]));
        await Server.EndAsync(sid);
        var sim = await Server.Kore.FetchAsync("/v1/Sims/edited-while-open");
        Assert.Equal(
            ("active", TestServer.PlanSid, "Edited", "http://example.com/c"),
            (sim["status"], sim["rate_plan_sid"], sim["friendly_name"], sim["commands_callback_url"]));
    }

    [Fact]
    public async Task Of_twenty_status_requests_at_once_one_is_accepted()
    {
        var sid = await Server.SimAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "active"), ("RatePlan", "sandbox-plan"))));

        Assert.Equal(1, answers.Count(answer => answer.Status == 202));
        Assert.Equal(19, answers.Count(answer => answer.Status == 409 && answer["code"] == "33010"));
    }

    [Theory]
    [InlineData("new", "ready", "active", "suspended", "active", "deactivated", "active", "deactivated")]
    [InlineData("new", "deactivated")]
    [InlineData("new", "ready", "suspended", "deactivated")]
    [InlineData("new", "active", "deactivated")]
    [InlineData("new", "ready", "deactivated")]
    public async Task A_SIM_goes_every_way_that_the_status_model_has(params string[] way)
    {
        var sid = await Server.SimAsync();
        Assert.Equal(way[0], (await Server.Kore.FetchAsync($"/v1/Sims/{sid}"))["status"]);
        foreach (var status in way[1..])
            await Server.ReachAsync(Server.Kore, sid, status);
    }

    [Fact]
    public async Task A_status_that_holds_already_is_answered_and_nothing_happens()
    {
        var sid = await Server.SimAsync();
        await Server.ReachAsync(Server.Kore, sid, "active");
        var before = await Server.Kore.FetchAsync($"/v1/Sims/{sid}");
        var events = Events(sid);

        Assert.Equal(before, (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "active"))).Is(200));
        Assert.Equal(events, Events(sid));
    }

    [Fact]
    public async Task A_reset_shows_until_the_carrier_has_accepted_it_and_leaves_the_rest_alone()
    {
        var sid = await Server.SimAsync();
        await Server.ReachAsync(Server.Kore, sid, "active");

        var asked = (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("ResetStatus", "resetting"))).Is(202);

        Assert.Equal(("active", "resetting", TestServer.PlanSid), (asked["status"], asked["reset_status"], asked["rate_plan_sid"]));
        Assert.Equal("33120", (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("ResetStatus", "resetting"))).Is(409)["code"]);
        Assert.Equal("33010", (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "suspended"))).Is(409)["code"]);
        await Server.EndAsync(sid);
        var sim = await Server.Kore.FetchAsync($"/v1/Sims/{sid}");
        Assert.Equal(("active", null, TestServer.PlanSid), (sim["status"], sim["reset_status"], sim["rate_plan_sid"]));
        Assert.Equal("sim.reset", Events(sid)[^1]);
    }

    [Fact]
    public async Task A_change_that_a_restart_interrupts_is_taken_up_again()
    {
        var time = new MovableTime();
        await using var receiver = await Receiver.StartAsync();
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Carriers:test:Delay"] = "1h" }, time);
        var sid = await server.SimAsync("test");
        (await server.Kore.FormAsync($"/v1/Sims/{sid}",
            ("Status", "active"), ("RatePlan", "sandbox-plan"), ("CallbackUrl", receiver.Url))).Is(202);

        await server.RestartAsync();
        Assert.Equal("updating", (await server.Kore.FetchAsync($"/v1/Sims/{sid}")).Is(200)["status"]);
        await Calls.UntilAsync(() => server.Operator.FetchAsync($"/operator/v1/operations?sim={sid}"),
            sent => sent.Text.Contains("\"attempts\":1"));
        time.Move(TimeSpan.FromHours(1));

        var sim = await Calls.UntilAsync(() => server.Kore.FetchAsync($"/v1/Sims/{sid}"), sim => sim["status"] is not "updating");
        Assert.Equal(("active", TestServer.PlanSid), (sim["status"], sim["rate_plan_sid"]));
        Assert.Contains("SimStatus=active", (await receiver.GotAsync(1))[0].Body);
    }

    private IReadOnlyList<string> Events(string sid) =>
        Store.Rows(Server, "select type from events where sim_id = $sim order by id", sid);
}
