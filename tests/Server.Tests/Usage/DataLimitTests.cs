using Simkeeper.Core.Operations;
using Simkeeper.Server.Tests.Carriers;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Usage;

/// <summary>The limits of a plan: 1000 MB a month at home, as much elsewhere in the country, as much abroad.</summary>
public sealed class DataLimitTests
{
    private const long Limit = 1_000_000_000;

    [Fact]
    public async Task A_SIM_that_reaches_its_limit_is_blocked_at_the_carrier_until_its_month_turns()
    {
        await using var server = await TestServer.StartAsync();
        var activated = await server.FreezeAsync();
        var sim = await ActiveAsync(server, TestServer.PlanSid);
        var start = await server.NowAsync();

        await server.ReportAsync(new Report(sim, "s", start, start, 0, Limit - 1));
        Assert.False(await BlockedAsync(server, sim));
        await server.ReportAsync(new Report(sim, "s", start, start, 1, Limit - 1));

        await Calls.UntilAsync(() => BlockedAsync(server, sim), blocked => blocked);
        Assert.Equal("active", await server.ShownAsync(sim));
        Assert.Equal("block home", Restricted(server, sim));
        await server.AdvanceToAsync(MonthAfter(activated).AddMilliseconds(-1));
        Assert.True(await BlockedAsync(server, sim));
        await server.AdvanceToAsync(MonthAfter(activated));
        Assert.False(await BlockedAsync(server, sim));
        Assert.Equal("open", Restricted(server, sim));
        Assert.Equal(["sim.data_limit_reached", "sim.data_limit_lifted"], await EventsAsync(server, sim));

        // What is late belongs to the month before.
        await server.ReportAsync(new Report(sim, "s", start, start, Limit, Limit));
        Assert.Equal(2, (await EventsAsync(server, sim)).Count);
        Assert.False(await BlockedAsync(server, sim));
    }

    [Fact]
    public async Task A_carrier_that_is_away_is_told_when_it_is_back_also_by_the_next_process()
    {
        await using var server = await TestServer.StartAsync();
        await server.FreezeAsync();
        var sim = await ActiveAsync(server, TestServer.PlanSid);
        var now = await server.NowAsync();
        await server.FaultAsync("""{"carrier":"test","kind":"down","for":"10m"}""");
        await server.ReportAsync(new Report(sim, "s", now, now, Limit, 0));
        Assert.Equal(["sim.data_limit_reached"], await EventsAsync(server, sim));
        await server.AdvanceAsync("5m");
        Assert.False(await BlockedAsync(server, sim));

        await server.RestartAsync();

        await server.AdvanceAsync("10m");
        Assert.True(await BlockedAsync(server, sim));
    }

    [Fact]
    public async Task Another_plan_has_other_limits_and_without_a_plan_there_is_none()
    {
        await using var server = await TestServer.StartAsync();
        var now = await server.FreezeAsync();
        var roomy = Store.AddPlan(server, TestServer.MasterSid, "roomy");
        SetLimit(server, roomy, 5000);
        var sim = await ActiveAsync(server, TestServer.PlanSid);
        await server.ReportAsync(new Report(sim, "s", now, now, Limit, 0));
        await Calls.UntilAsync(() => BlockedAsync(server, sim), blocked => blocked);

        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("RatePlan", "roomy"))).Is(200);
        await Calls.UntilAsync(() => BlockedAsync(server, sim), blocked => !blocked);

        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("RatePlan", TestServer.PlanSid))).Is(200);
        await Calls.UntilAsync(() => BlockedAsync(server, sim), blocked => blocked);

        // A suspended SIM stays blocked until its month turns, and may lose its plan.
        await server.AskAsync(sim, "suspended");
        await server.AdvanceAsync("1m");
        Assert.True(await BlockedAsync(server, sim));
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("RatePlan", ""))).Is(200);
        await Calls.UntilAsync(() => BlockedAsync(server, sim), blocked => !blocked);
    }

    [Fact]
    public async Task A_plan_without_data_has_it_blocked_from_the_first_activation_for_as_long_as_the_SIM_has_the_plan()
    {
        await using var server = await TestServer.StartAsync();
        var activated = await server.FreezeAsync();
        (await server.Kore.FormAsync("/v1/RatePlans", ("UniqueName", "texts only"), ("DataEnabled", "false"))).Is(201);

        var sim = await ActiveAsync(server, "texts only");

        await Calls.UntilAsync(() => BlockedAsync(server, sim), blocked => blocked);
        Assert.Equal("block home,national,international", Restricted(server, sim));
        await server.AdvanceToAsync(MonthAfter(activated).AddHours(1));
        Assert.True(await BlockedAsync(server, sim));
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("RatePlan", TestServer.PlanSid))).Is(200);
        await Calls.UntilAsync(() => BlockedAsync(server, sim), blocked => !blocked);
        Assert.Equal("open", Restricted(server, sim));
        Assert.Equal(["sim.data_limit_reached", "sim.data_limit_lifted"], await EventsAsync(server, sim));

        // A SIM that was off comes back with another plan in the same request.
        await server.AskAsync(sim, "deactivated");
        await server.AdvanceAsync("1s");
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "active"), ("RatePlan", "texts only"))).Is(202);
        await server.AdvanceAsync("1s");
        await Calls.UntilAsync(() => BlockedAsync(server, sim), blocked => blocked);
        await server.AskAsync(sim, "deactivated");
        await server.AdvanceAsync("1s");
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "active"), ("RatePlan", TestServer.PlanSid))).Is(202);
        await server.AdvanceAsync("1s");
        await Calls.UntilAsync(() => BlockedAsync(server, sim), blocked => !blocked);
    }

    [Fact]
    public async Task Roaming_has_limits_of_its_own_and_a_throttled_SIM_is_not_blocked()
    {
        await using var server = await TestServer.StartAsync();
        var now = await server.FreezeAsync();
        Store.AddPlan(server, TestServer.MasterSid, "slow", strategy: "throttle");
        var sim = await ActiveAsync(server, "slow");

        await server.ReportAsync(
            new Report(sim, "home", now, now, Limit - 1, 0, Mcc: "262", Mnc: "01"),
            new Report(sim, "abroad", now, now, Limit, 0, Mcc: "208", Mnc: "01"));

        await Calls.UntilAsync(() => Task.FromResult(Restricted(server, sim)), restricted => restricted == "throttle international");
        Assert.False(await BlockedAsync(server, sim));
    }

    [Fact]
    public async Task The_month_begins_with_the_activation_whatever_was_used_before()
    {
        await using var server = await TestServer.StartAsync();
        await server.FreezeAsync();
        var sim = await server.SimAsync("test", more: Network.GermanImsi);
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("RatePlan", TestServer.PlanSid))).Is(200);
        var early = await server.NowAsync();
        await server.ReportAsync(new Report(sim, "early", early, early, Limit, 0));
        Assert.Empty(await EventsAsync(server, sim));
        await server.AdvanceAsync("10d");
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "active"))).Is(202);
        await server.AdvanceAsync("1s");
        var activated = await server.NowAsync();
        Assert.False(await BlockedAsync(server, sim));

        await server.ReportAsync(new Report(sim, "late", activated, activated, Limit, 0));

        await server.AdvanceToAsync(MonthAfter(activated).AddMilliseconds(-1));
        Assert.True(await BlockedAsync(server, sim));
        await server.AdvanceToAsync(MonthAfter(activated));
        Assert.False(await BlockedAsync(server, sim));
    }

    [Fact]
    public async Task Batches_that_come_together_reach_a_limit_together()
    {
        await using var server = await TestServer.StartAsync();
        var now = await server.FreezeAsync();
        var sim = await ActiveAsync(server, TestServer.PlanSid);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            Task.Run(() => server.ReportAsync(new Report(sim, $"{i}", now, now, Limit / 20, 0)))));

        await Calls.UntilAsync(() => BlockedAsync(server, sim), blocked => blocked);
        Assert.Equal(["sim.data_limit_reached"], await EventsAsync(server, sim));
    }

    [Fact]
    public async Task A_canceled_SIM_has_no_month_to_turn()
    {
        await using var server = await TestServer.StartAsync();
        var now = await server.FreezeAsync();
        var sim = await ActiveAsync(server, TestServer.PlanSid);
        await server.ReportAsync(new Report(sim, "s", now, now, Limit, 0));
        await Calls.UntilAsync(() => BlockedAsync(server, sim), blocked => blocked);

        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "deactivated"))).Is(202);
        await server.AdvanceAsync("73h");

        Assert.Equal("canceled", await server.ShownAsync(sim));
        Assert.Equal(["0|0"], Store.Rows(server,
            "select (select count(*) from data_periods where sim_id = $sim), (select count(*) from jobs where subject_id = $sim)", sim));
    }

    [Fact]
    public async Task A_carrier_that_refuses_a_limit_is_not_asked_again_until_something_else_is_wanted()
    {
        var network = new ScriptedCarrier(call => call.Wish is Wish.LimitData { Access.Data.Throttled: true }
            ? new CarrierAnswer.Refused(null, "No \"throttle\" here.") : ScriptedCarrier.Done);
        await using var server = await TestServer.StartAsync(seams: network.Seams);
        var now = await server.FreezeAsync();
        Store.AddPlan(server, TestServer.MasterSid, "slow", strategy: "throttle");
        var sim = await ActiveAsync(server, "slow");

        await server.ReportAsync(new Report(sim, "s", now, now, Limit, 0));
        await Calls.UntilAsync(() => EventsAsync(server, sim), events => events.Count == 2);
        await server.AdvanceAsync("24h");

        Assert.Equal(1, network.Calls.Count(call => call.Wish is Wish.LimitData));
        Assert.Equal(["sim.data_limit_reached", "sim.data_limit_not_enforced"], await EventsAsync(server, sim));
        var updated = (await server.EventsAsync(sim))[^1].GetProperty("data").GetProperty("updated");
        Assert.Equal(("throttle home", "No \"throttle\" here."),
            (updated.GetProperty("notEnforced").GetString(), updated.GetProperty("reason").GetString()));

        // The month turns: now the limit is wanted anew.
        await server.AdvanceToAsync(MonthAfter(now));
        var later = await server.NowAsync();
        await server.ReportAsync(new Report(sim, "later", later, later, Limit, 0));
        await Calls.UntilAsync(() => EventsAsync(server, sim), events => events.Count == 5);
        Assert.Equal(
            ["sim.data_limit_lifted", "sim.data_limit_reached", "sim.data_limit_not_enforced"], (await EventsAsync(server, sim))[2..]);
        Assert.Equal(2, network.Calls.Count(call => call.Wish is Wish.LimitData));
    }

    [Fact]
    public async Task A_limit_that_is_refused_for_good_is_not_tried_again_when_the_month_turns()
    {
        var network = new ScriptedCarrier(call => call.Wish is Wish.LimitData
            ? new CarrierAnswer.Refused(null, "Data cannot be blocked.") : ScriptedCarrier.Done);
        await using var server = await TestServer.StartAsync(seams: network.Seams);
        await server.FreezeAsync();
        (await server.Kore.FormAsync("/v1/RatePlans", ("UniqueName", "texts only"), ("DataEnabled", "false"))).Is(201);
        var sim = await ActiveAsync(server, "texts only");

        await server.AdvanceAsync("100d");

        Assert.Equal(1, network.Calls.Count(call => call.Wish is Wish.LimitData));
        Assert.Equal(["sim.data_limit_reached", "sim.data_limit_not_enforced"], await EventsAsync(server, sim));
        Assert.False(await BlockedAsync(server, sim));
    }

    [Fact]
    public async Task A_carrier_that_cannot_limit_data_is_not_asked_to()
    {
        var network = new ScriptedCarrier(_ => ScriptedCarrier.Done) { Capabilities = Capabilities.Statuses };
        await using var server = await TestServer.StartAsync(seams: network.Seams);
        var now = await server.FreezeAsync();
        var sim = await ActiveAsync(server, TestServer.PlanSid);

        await server.ReportAsync(new Report(sim, "s", now, now, Limit, 0));

        await Calls.UntilAsync(() => EventsAsync(server, sim), events => events.Contains("sim.data_limit_not_enforced"));
        Assert.DoesNotContain(network.Calls, call => call.Wish is Wish.LimitData);
    }

    private static Task<string> ActiveAsync(TestServer server, string plan) => server.ServedAsync(plan: plan, more: Network.GermanImsi);

    private static DateTimeOffset MonthAfter(DateTimeOffset activated) =>
        new DateTimeOffset(activated.UtcDateTime.Date, TimeSpan.Zero).AddMonths(1);

    private static Task<bool> BlockedAsync(TestServer server, string sim) => server.DataBlockedAsync(sim);

    /// <summary>The restriction that the carrier has been told.</summary>
    private static string? Restricted(TestServer server, string sim) =>
        Store.Rows(server, "select restricted from test_network_data where sim_id = $sim", sim).SingleOrDefault();

    private static void SetLimit(TestServer server, string plan, int megabytes) =>
        Store.Rows(server, $"update rate_plans set data_limit = {megabytes} where id = $sim returning 1", plan);

    private static async Task<List<string?>> EventsAsync(TestServer server, string sim) =>
        [.. (await server.EventsAsync(sim)).Select(item => item.GetProperty("type").GetString())
            .Where(type => type!.Contains("data_limit", StringComparison.Ordinal))];
}
