using System.Collections.Concurrent;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Operations;

public sealed class TimerTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task A_ready_SIM_is_active_after_three_calendar_months()
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.SimAsync("test");
        var now = await server.FreezeAsync();
        var lastOfNovember = new DateTimeOffset(now.Year + 1, 11, 30, 12, 0, 0, TimeSpan.Zero);
        await server.AdvanceToAsync(lastOfNovember);
        await server.AskAsync(sim, "ready");
        await server.AdvanceAsync("1s");
        var lastOfFebruary = new DateTimeOffset(now.Year + 2, 2, DateTime.DaysInMonth(now.Year + 2, 2), 12, 0, 0, TimeSpan.Zero) + Delay;

        await server.AdvanceToAsync(lastOfFebruary.AddMilliseconds(-1));
        Assert.Equal("ready", await server.ShownAsync(sim));
        await server.AdvanceToAsync(lastOfFebruary);

        Assert.Equal("active", await server.ShownAsync(sim));
        var last = (await server.EventsAsync(sim))[^1];
        Assert.Equal((lastOfFebruary, "system"), (SimTime.Time(last, "at"), last.GetProperty("actor").GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task A_deactivated_SIM_is_canceled_after_72_hours_and_gives_its_IMSI_and_MSISDN_back()
    {
        await using var server = await TestServer.StartAsync();
        var (imsi, msisdn) = ($"00101{Fleet.Number():D10}", $"99988{Fleet.Number():D10}");
        var sim = await server.SimAsync("test", more: [("imsi", imsi), ("msisdn", msisdn)]);
        await server.FreezeAsync();
        await server.AskAsync(sim, "deactivated");
        await server.AdvanceAsync("72h");
        var again = $"iccid,imsi,msisdn,provider\n{Fleet.Iccid()},{imsi},{msisdn},test\n";
        Assert.Equal("deactivated", await server.ShownAsync(sim));
        Assert.Equal(1, (await server.ImportAsync(again))[^1].GetProperty("refused").GetInt32());

        await server.AdvanceAsync("200ms");

        Assert.Equal("canceled", await server.ShownAsync(sim));
        Assert.Equal(1, (await server.ImportAsync(again))[^1].GetProperty("imported").GetInt32());
    }

    [Fact]
    public async Task A_suspended_SIM_is_given_notice_after_three_months_once()
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.SimAsync("test");
        var start = await server.FreezeAsync();
        await server.AskAsync(sim, "active");
        await server.AdvanceAsync("1s");
        await server.AskAsync(sim, "suspended");

        await server.AdvanceAsync("400d");

        Assert.Equal(["active", "suspended", "sim.suspension_notice"], await server.StoryAsync(sim));
        Assert.Equal((start.AddSeconds(1) + Delay).AddMonths(3), SimTime.Time((await server.EventsAsync(sim))[^1], "at"));
    }

    [Fact]
    public async Task Timers_survive_restarts()
    {
        await using var server = await TestServer.StartAsync();
        var (ready, deactivated) = (await server.SimAsync("test"), await server.SimAsync("test"));
        await server.FreezeAsync();
        await server.AskAsync(ready, "ready");
        await server.AskAsync(deactivated, "deactivated");
        await server.AdvanceAsync("1h");
        await server.RestartAsync();
        await server.AdvanceAsync("73h");
        Assert.Equal(("ready", "canceled"), (await server.ShownAsync(ready), await server.ShownAsync(deactivated)));

        await server.RestartAsync();
        await server.AdvanceAsync("100d");

        Assert.Equal("active", await server.ShownAsync(ready));
    }

    [Fact]
    public async Task An_automatic_move_that_falls_due_while_an_operation_is_open_waits_for_its_end()
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.SimAsync();
        var start = await server.FreezeAsync();
        await server.AskAsync(sim, "ready");
        await server.EndAsync(sim);
        await server.AdvanceToAsync(start.AddMonths(3).AddHours(-1));
        await server.AskAsync(sim, "suspended");
        await server.OperationAsync(sim);

        await server.AdvanceAsync("2h");
        Assert.Equal(("updating", "ready"), (await server.ShownAsync(sim), await server.SettledAsync(sim)));
        await server.EndAsync(sim, "refused");

        await server.UntilShownAsync(sim, "active");
        Assert.Equal(["ready", "operation.refused", "active"], await server.StoryAsync(sim));
    }

    [Fact]
    public async Task Coming_back_inside_72_hours_drops_the_timer_and_the_remembered_callback()
    {
        await using var server = await TestServer.StartAsync();
        var heard = new ConcurrentQueue<Heard>();
        await using var receiver = await server.ListenAsync(heard);
        var sim = await server.SimAsync("test");
        await server.FreezeAsync();
        await server.AskAsync(sim, "deactivated", receiver.Url);
        await server.AdvanceAsync("71h");

        await server.AskAsync(sim, "active");
        await server.AdvanceAsync("200d");

        Assert.Equal(["deactivated", "active"], await server.StoryAsync(sim));
        Assert.Equal("deactivated", Assert.Single(heard).Status);
    }
}
