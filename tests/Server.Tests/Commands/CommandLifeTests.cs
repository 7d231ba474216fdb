using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Commands;

public sealed class CommandLifeTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private Receiver _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _receiver = await Receiver.StartAsync();
        await _server.FreezeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task While_the_carrier_is_down_Commands_wait_also_over_a_restart_and_then_go_out_once()
    {
        var sim = await _server.ServedAsync();
        await _server.FaultAsync("""{"carrier":"test","kind":"down","for":"2h"}""");
        var sids = new List<string>();
        for (var i = 0; i < 10; i++)
            sids.Add(await _server.SendAsync(sim, ("CallbackUrl", $"{_receiver.Url}/?c={i}"), ("CallbackMethod", "GET")));
        await _server.AdvanceAsync("1h");
        foreach (var sid in sids)
            Assert.Equal("queued", await _server.CommandAsync(sid));

        await _server.RestartAsync();
        await _server.AdvanceAsync("66m");

        foreach (var sid in sids)
            Assert.Equal("delivered", await _server.CommandAsync(sid));
        Assert.Equal(10, (await _receiver.GotAsync(10)).Count);
    }

    [Fact]
    public async Task A_Command_that_was_sent_when_the_server_went_down_is_delivered_by_the_next_one()
    {
        var sid = await _server.SendAsync(await _server.ServedAsync(), ("CallbackUrl", _receiver.Url));
        await _server.UntilCommandAsync(sid, "sent");

        await _server.RestartAsync();
        await _server.AdvanceAsync("1s");

        Assert.Equal("delivered", await _server.CommandAsync(sid));
        Assert.Single(await _receiver.GotAsync(1));
    }

    [Theory]
    [InlineData(""","code":30008""", "30008")]
    [InlineData("", "33000")]
    public async Task A_Command_that_the_carrier_refuses_has_failed_and_says_why(string code, string expected)
    {
        var sim = await _server.ServedAsync();
        await _server.FaultAsync($$"""{"carrier":"test","kind":"refuse","count":1{{code}}}""");

        var sid = await _server.SendAsync(sim, ("CallbackUrl", _receiver.Url));

        var form = Messaging.Form(Assert.Single(await _receiver.GotAsync(1)).Body);
        Assert.Equal(("failed", "failed", expected), (form["CommandStatus"], form["Status"], form["ErrorCode"]));
        Assert.NotEqual("", form["ErrorMessage"]);
        Assert.Equal("failed", await _server.CommandAsync(sid));
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("twice")]
    public async Task An_answer_that_is_lost_or_comes_twice_makes_one_delivery_and_one_callback(string fault)
    {
        var sim = await _server.ServedAsync();
        await _server.FaultAsync($$"""{"carrier":"test","kind":"{{fault}}","count":1}""");

        var sid = await _server.SendAsync(sim, ("CallbackUrl", _receiver.Url));
        await _server.AdvanceAsync("5s");

        Assert.Equal("delivered", await _server.CommandAsync(sid));
        await _receiver.GotAsync(1);
        await _server.AdvanceAsync("1h");
        Assert.Single(_receiver.All);
    }

    [Fact]
    public async Task A_slow_carrier_leaves_it_sent_until_the_receipt_comes()
    {
        var sim = await _server.ServedAsync();
        await _server.FaultAsync("""{"carrier":"test","kind":"slow","delay":"1h"}""");

        var sid = await _server.SendAsync(sim);
        await _server.AdvanceAsync("59m");
        Assert.Equal("sent", await _server.CommandAsync(sid));
        await _server.AdvanceAsync("1m");
        Assert.Equal("delivered", await _server.CommandAsync(sid));
    }

    [Fact]
    public async Task With_nobody_to_send_it_a_Command_fails_at_its_deadline()
    {
        var sim = await _server.SimAsync();
        await _server.ReachAsync(_server.Kore, sim, "active");
        var sid = await _server.SendAsync(sim, ("CallbackUrl", _receiver.Url));

        await _server.AdvanceAsync("1439m");
        Assert.Equal("queued", await _server.CommandAsync(sid));
        await _server.AdvanceAsync("1m");

        Assert.Equal("failed", await _server.CommandAsync(sid));
        Assert.Equal("33004", Messaging.Form(Assert.Single(await _receiver.GotAsync(1)).Body)["ErrorCode"]);
    }

    [Theory]
    [InlineData("Status", "suspended", "33104")]
    [InlineData("RatePlan", "mute", "33203")]
    public async Task What_a_SIM_may_not_do_any_more_when_its_turn_comes_fails(string parameter, string value, string code)
    {
        (await _server.Kore.FormAsync("/v1/RatePlans", ("UniqueName", "mute"), ("MessagingEnabled", "false"))).Is(201);
        var sim = await _server.SimAsync("test");
        (await _server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "active"), ("RatePlan", "sandbox-plan"))).Is(202);
        await _server.AdvanceAsync("1s");
        await _server.FaultAsync("""{"carrier":"test","kind":"down","for":"10m"}""");
        var sid = await _server.SendAsync(sim, ("CallbackUrl", _receiver.Url));
        await _server.AdvanceAsync("1m");

        (await _server.Kore.FormAsync($"/v1/Sims/{sim}", (parameter, value))).Is(parameter == "Status" ? 202 : 200);
        if (parameter == "Status")
        {
            var operation = (await _server.NewestOperationAsync(sim)).GetProperty("id").GetString();
            (await _server.Operator.JsonAsync($"/operator/v1/operations/{operation}/force", """{"outcome":"done"}""")).Is(200);
        }
        await _server.AdvanceAsync("10m");

        Assert.Equal("failed", await _server.CommandAsync(sid));
        Assert.Equal(code, Messaging.Form(Assert.Single(await _receiver.GotAsync(1)).Body)["ErrorCode"]);
    }

    [Theory]
    [InlineData(4, 0, "ready")]
    [InlineData(5, 0, "active")]
    [InlineData(0, 5, "active")]
    [InlineData(3, 2, "active")]
    public async Task The_fifth_Command_in_either_direction_makes_a_ready_SIM_active(int toSim, int fromSim, string status)
    {
        var sim = await _server.ServedAsync("ready");
        for (var i = 0; i < toSim; i++)
            await _server.SendAsync(sim);
        for (var i = 0; i < fromSim; i++)
            await _server.SpeakAsync(sim);

        await _server.AdvanceAsync("1s");

        Assert.Equal(status, await _server.SettledAsync(sim));
    }

    [Fact]
    public async Task What_a_device_says_is_kept_and_told_to_the_SIMs_commands_callback_url()
    {
        var sim = await _server.ServedAsync();
        (await _server.Kore.FormAsync($"/v1/Sims/{sim}", ("CommandsCallbackUrl", _receiver.Url + "/said"))).Is(200);

        var sid = await _server.SpeakAsync(sim, "21 °C");

        var call = Assert.Single(await _receiver.GotAsync(1));
        Assert.Equal("POST", call.Method);
        Assert.Equal(new Dictionary<string, string>
        {
            ["CommandSid"] = sid,
            ["SimSid"] = sim,
            ["SimUniqueName"] = "",
            ["Command"] = "21 °C",
            ["CommandMode"] = "text",
            ["CommandStatus"] = "received",
            ["Status"] = "received",
            ["Direction"] = "from_sim",
            ["ApiVersion"] = "v1",
            ["AccountSid"] = TestServer.MasterSid,
        }, Messaging.Form(call.Body));
        var read = (await _server.Kore.FetchAsync($"/v1/Commands/{sid}")).Is(200);
        Assert.Equal(("21 °C", "received", "from_sim", "false"),
            (read["command"], read["status"], read["direction"], read["delivery_receipt_requested"]));
    }

    [Fact]
    public async Task A_device_that_says_too_much_is_cut_short_and_a_warning_says_so_without_its_words()
    {
        var sim = await _server.ServedAsync();

        var sid = await _server.SpeakAsync(sim, Canaries.Mark + new string('y', 160));

        Assert.Equal(160, (await _server.Kore.FetchAsync($"/v1/Commands/{sid}")).Is(200)["command"]!.Length);
        Assert.Contains(_server.Log.Lines, line =>
            line.Contains("33111", StringComparison.Ordinal) && line.Contains(sid, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"command":"x"}""", 400, "missingValue")]
    [InlineData("""{"sim":"{sim}"}""", 400, "missingValue")]
    [InlineData("""{"sim":"{sim}","command":""}""", 400, "invalidValue")]
    [InlineData("""{"sim":"{sim}","command":"x","mode":"voice"}""", 400, "invalidValue")]
    [InlineData("""{"sim":"{sim}","command":"x","mode":"binary"}""", 400, "invalidValue")]
    [InlineData("""{"sim":"DE00000000000000000000000000000000","command":"x"}""", 404, "simNotFound")]
    [InlineData("""{"sim":"{new}","command":"x"}""", 409, "stateForbids")]
    public async Task A_device_that_cannot_speak_is_refused(string body, int http, string code)
    {
        var filled = body.Replace("{sim}", await _server.ServedAsync(), StringComparison.Ordinal)
            .Replace("{new}", await _server.SimAsync("test"), StringComparison.Ordinal);

        Assert.Equal(code, (await _server.Operator.JsonAsync("/operator/v1/commands/inbound", filled)).Is(http)["code"]);
    }

    [Fact]
    public async Task A_Command_is_kept_for_30_days()
    {
        var sim = await _server.ServedAsync();
        string[] sids = [await _server.SendAsync(sim), await _server.SpeakAsync(sim)];

        await _server.AdvanceAsync("719h");
        foreach (var sid in sids)
            await _server.CommandAsync(sid);
        await _server.AdvanceAsync("1h");

        foreach (var sid in sids)
            (await _server.Kore.FetchAsync($"/v1/Commands/{sid}")).Is(404);
        Assert.Equal(["0|0"], Store.Rows(_server,
            "select (select count(*) from commands), (select count(*) from jobs where kind = 'command')"));
    }

    [Fact]
    public async Task A_Command_whose_SIM_is_deleted_before_the_receipt_comes_has_failed_and_says_so()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Commands:Deadline"] = "30d" });
        await server.FreezeAsync();
        var sim = await server.ServedAsync();
        await server.FaultAsync("""{"carrier":"test","kind":"slow","delay":"200h"}""");
        var sid = await server.SendAsync(sim, ("CallbackUrl", _receiver.Url));
        await server.AdvanceAsync("1s");
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "deactivated"))).Is(202);
        var operation = (await server.NewestOperationAsync(sim)).GetProperty("id").GetString();
        (await server.Operator.JsonAsync($"/operator/v1/operations/{operation}/force", """{"outcome":"done"}""")).Is(200);
        await server.AdvanceAsync("72h");
        (await server.Kore.DropAsync($"/v1/Sims/{sim}")).Is(204);
        Assert.Equal("sent", await server.CommandAsync(sid));

        await server.AdvanceAsync("200h");

        var told = Messaging.Form(Assert.Single(await _receiver.GotAsync(1)).Body);
        Assert.Equal((sid, sim, "failed", "33107"), (told["CommandSid"], told["SimSid"], told["Status"], told["ErrorCode"]));
        Assert.Equal("failed", await server.CommandAsync(sid));
    }

    [Fact]
    public async Task A_Command_that_is_deleted_while_it_waits_is_not_sent()
    {
        var sim = await _server.ServedAsync();
        await _server.FaultAsync("""{"carrier":"test","kind":"down","for":"10m"}""");
        var sid = await _server.SendAsync(sim, ("CallbackUrl", _receiver.Url));

        (await _server.Kore.DropAsync($"/v1/Commands/{sid}")).Is(204);
        await _server.AdvanceAsync("1h");

        Assert.Empty(_receiver.All);
        Assert.Equal(["0"], Store.Rows(_server, "select count(*) from jobs where kind = 'command'"));
    }
}
