using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using static Simkeeper.Core.Sims.SimStatus;

namespace Simkeeper.Core.Tests.Sims;

public sealed class LifecycleTests
{
    [Fact]
    public void A_ready_SIM_becomes_active_after_three_calendar_months()
    {
        var sim = Sample.Sim(Ready, Sample.Plan);
        Assert.Equal(Sample.Quarter, Lifecycle.TimerFor(sim));
        Assert.Equal(Ready, sim.Decide(new SimInput.TimerDue(), Sample.Quarter.AddMilliseconds(-1)).Sim!.Status);
        var moved = sim.Decide(new SimInput.TimerDue(), Sample.Quarter);
        Assert.Equal((Active, "active", EventTypes.Updated), (moved.Sim!.Status, moved.Sim.Shown, moved.Event));
        Assert.Equal(Actor.System, moved.Actor);
        Assert.Null(moved.Operation);
    }

    [Theory]
    [InlineData(249_999, 4, false)]
    [InlineData(250_000, 0, true)]
    [InlineData(0, 5, true)]
    public void A_ready_SIM_becomes_active_at_250_KB_or_the_fifth_Command(long bytes, long commands, bool becomesActive)
    {
        var used = Sample.Sim(Ready, Sample.Plan).Decide(new SimInput.Used(bytes - 1, commands)).Then(new SimInput.Used(1, 0));
        Assert.Null(used.Event);
        Assert.Equal(becomesActive ? Active : Ready, used.Then(new SimInput.TimerDue()).Sim!.Status);
    }

    [Fact]
    public void Usage_moves_no_SIM_that_is_not_ready()
    {
        foreach (var status in Enum.GetValues<SimStatus>().Where(status => status != Ready))
        {
            var used = Sample.Sim(status, Sample.Plan).Decide(new SimInput.Used(1_000_000, 100));
            Assert.Equal(status, used.Then(new SimInput.TimerDue()).Sim!.Status);
        }
    }

    [Fact]
    public void A_threshold_crossed_while_an_operation_is_open_settles_after_its_end()
    {
        var open = Sample.Sim(Ready, Sample.Plan).Decide(Sample.Request(Suspended));
        var used = open with { Sim = open.Then(new SimInput.Used(250_000, 0)).Sim };
        Assert.Equal("updating", used.Then(new SimInput.TimerDue()).Sim!.Shown);
        var refused = used.Then(Sample.Refused);
        Assert.True(Lifecycle.TimerFor(refused.Sim!) <= Sample.Now);
        Assert.Equal(Active, refused.Then(new SimInput.TimerDue()).Sim!.Status);
        var done = used.Then(Sample.Done);
        Assert.Equal(Suspended, done.Then(new SimInput.TimerDue()).Sim!.Status);
    }

    [Fact]
    public void A_deactivated_SIM_is_canceled_after_72_hours()
    {
        var sim = Sample.Sim(Deactivated);
        Assert.Equal(Sample.Since.AddHours(72), Lifecycle.TimerFor(sim));
        Assert.Equal(Deactivated, sim.Decide(new SimInput.TimerDue(), Sample.Since.AddHours(72).AddMilliseconds(-1)).Sim!.Status);
        Assert.Equal(Canceled, sim.Decide(new SimInput.TimerDue(), Sample.Since.AddHours(72)).Sim!.Status);
    }

    [Fact]
    public void Coming_back_and_deactivating_again_starts_the_72_hours_anew()
    {
        var again = Sample.Sim(Deactivated, Sample.Plan).Decide(Sample.Request(Active), Sample.Since.AddHours(70))
            .Then(Sample.Done, Sample.Since.AddHours(71))
            .Then(Sample.Request(Deactivated), Sample.Since.AddHours(71)).Then(Sample.Done, Sample.Since.AddHours(80));
        Assert.Equal(Sample.Since.AddHours(80 + 72), Lifecycle.TimerFor(again.Sim!));
    }

    [Fact]
    public void A_timer_that_falls_due_while_an_operation_is_open_waits_for_its_end()
    {
        var open = Sample.Sim(Deactivated, Sample.Plan).Decide(Sample.Request(Active), Sample.Since.AddHours(71));
        var late = Sample.Since.AddHours(73);
        Assert.Null(open.Then(new SimInput.TimerDue(), late).Event);
        Assert.Equal(Canceled, open.Then(Sample.Refused, late).Then(new SimInput.TimerDue(), late).Sim!.Status);
        Assert.Equal(Active, open.Then(Sample.Done, late).Then(new SimInput.TimerDue(), late).Sim!.Status);
    }

    [Fact]
    public void Three_months_of_suspension_are_noticed_once_per_suspension()
    {
        var sim = Sample.Sim(Suspended, Sample.Plan);
        Assert.Null(sim.Decide(new SimInput.TimerDue(), Sample.Quarter.AddMilliseconds(-1)).Event);
        var noticed = sim.Decide(new SimInput.TimerDue(), Sample.Quarter);
        Assert.Equal((Suspended, EventTypes.SuspensionNotice), (noticed.Sim!.Status, noticed.Event));
        Assert.Null(Lifecycle.TimerFor(noticed.Sim));
        Assert.Null(noticed.Then(new SimInput.TimerDue(), Sample.Quarter.AddYears(1)).Event);
        var again = noticed.Then(Sample.Request(Active), Sample.Quarter).Then(Sample.Done, Sample.Quarter)
            .Then(Sample.Request(Suspended), Sample.Quarter).Then(Sample.Done, Sample.Quarter);
        Assert.Equal(Sample.Quarter.AddMonths(3), Lifecycle.TimerFor(again.Sim!));
    }

    [Fact]
    public void New_active_and_canceled_SIMs_wait_for_no_timer()
    {
        foreach (var status in new[] { New, Active, Canceled })
        {
            Assert.Null(Lifecycle.TimerFor(Sample.Sim(status, Sample.Plan)));
            Assert.Null(Sample.Sim(status, Sample.Plan).Decide(new SimInput.TimerDue(), Sample.Quarter).Event);
        }
    }

    [Theory]
    [InlineData(New, Ready)]
    [InlineData(New, Deactivated)]
    [InlineData(Suspended, Deactivated)]
    public void The_callback_of_ready_and_deactivated_is_called_twice(SimStatus from, SimStatus wanted)
    {
        var settled = Sample.Sim(from, Sample.Plan).Decide(Sample.Request(wanted, Sample.Given)).Then(Sample.Done);
        Assert.Equal([new(Sample.Given)], settled.Callbacks);
        var final = settled.Then(new SimInput.TimerDue(), Sample.Quarter.AddDays(1));
        Assert.Equal(wanted == Ready ? Active : Canceled, final.Sim!.Status);
        Assert.Equal([new(Sample.Given)], final.Callbacks);
        Assert.Null(final.Sim.Remembered);
    }

    [Theory]
    [InlineData(New, Active)]
    [InlineData(Ready, Suspended)]
    [InlineData(Suspended, Active)]
    [InlineData(Deactivated, Active)]
    public void Every_other_callback_is_called_once(SimStatus from, SimStatus wanted)
    {
        var settled = Sample.Sim(from, Sample.Plan).Decide(Sample.Request(wanted, Sample.Given)).Then(Sample.Done);
        Assert.Equal([new(Sample.Given)], settled.Callbacks);
        Assert.Null(settled.Sim!.Remembered);
    }

    [Fact]
    public void Active_asked_for_by_hand_calls_the_callback_remembered_from_ready()
    {
        var sim = Sample.Sim(Ready, Sample.Plan) with { Remembered = Sample.Remembered };
        var active = sim.Decide(Sample.Request(Active)).Then(Sample.Done);
        Assert.Equal([new(Sample.Remembered)], active.Callbacks);
        Assert.Null(active.Sim!.Remembered);
    }

    [Fact]
    public void A_later_callback_takes_the_place_of_the_remembered_one()
    {
        var sim = Sample.Sim(Ready, Sample.Plan) with { Remembered = Sample.Remembered };
        SimInput[] later =
        [
            Sample.Request(callback: Sample.Given), Sample.Request(Ready, Sample.Given), Sample.Reset with { Callback = Sample.Given },
            Sample.Request(Suspended, Sample.Given), Sample.Request(Active, Sample.Given), Sample.Request(Deactivated, Sample.Given),
        ];
        foreach (var input in later)
            Assert.Equal(Sample.Given, sim.Decide(input).Sim!.Remembered);
        Assert.Equal([new(Sample.Given)], sim.Decide(Sample.Request(Active, Sample.Given)).Then(Sample.Done).Callbacks);
    }

    [Fact]
    public void The_remembered_callback_waits_through_a_suspension_for_the_final_status()
    {
        var suspended = (Sample.Sim(Ready, Sample.Plan) with { Remembered = Sample.Remembered })
            .Decide(Sample.Request(Suspended)).Then(Sample.Done);
        Assert.Empty(suspended.Callbacks);
        Assert.Equal([new(Sample.Remembered)], suspended.Then(Sample.Request(Active)).Then(Sample.Done).Callbacks);
        var canceled = suspended.Then(Sample.Request(Deactivated)).Then(Sample.Done).Then(new SimInput.TimerDue(), Sample.Quarter);
        Assert.Equal([new(Sample.Remembered)], canceled.Callbacks);
    }

    [Fact]
    public void Coming_back_from_deactivated_drops_the_remembered_callback()
    {
        var sim = Sample.Sim(Deactivated, Sample.Plan) with { Remembered = Sample.Remembered };
        var active = sim.Decide(Sample.Request(Active)).Then(Sample.Done);
        Assert.Empty(active.Callbacks);
        Assert.Null(active.Sim!.Remembered);
        Assert.Equal(Sample.Remembered, sim.Decide(Sample.Request(Active)).Then(Sample.Refused).Sim!.Remembered);
    }

    [Fact]
    public void A_reset_changes_no_status_and_its_end_is_an_event()
    {
        var open = Sample.Sim(Active, Sample.Plan).Decide(Sample.Reset with { Callback = Sample.Given });
        Assert.Equal(("active", true, null), (open.Sim!.Shown, open.Sim.Resetting, open.Event));
        var away = open.Then(Sample.Away);
        Assert.Equal("active", away.Sim!.Shown);
        var done = away.Then(Sample.Done);
        Assert.Equal(("active", false, EventTypes.Reset), (done.Sim!.Shown, done.Sim.Resetting, done.Event));
        Assert.Equal(Sample.Since, done.Sim.StatusSince);
        Assert.Equal([new(Sample.Given)], done.Callbacks);
    }

    [Fact]
    public void Only_a_new_or_canceled_SIM_without_an_open_operation_can_be_deleted()
    {
        var delete = new SimInput.Delete(Sample.User);
        foreach (var status in Enum.GetValues<SimStatus>())
        {
            var sim = Sample.Sim(status, Sample.Plan);
            if (status is New or Canceled)
                Assert.Equal((null, EventTypes.Deleted), (sim.Decide(delete).Sim, sim.Decide(delete).Event));
            else
                Assert.Equal(ErrorCode.StateForbids, sim.Refuse(delete).Code);
        }
        var open = Sample.Sim(New, Sample.Plan).Decide(Sample.Request(Active));
        Assert.Equal(ErrorCode.StateForbids, open.Sim!.Refuse(delete, open: open.Operation).Code);
    }

    [Fact]
    public void A_profile_that_is_reported_twice_is_one_event()
    {
        var report = new SimInput.ProfileReported(ProfileStatus.Installed, Sample.Now, Sample.User);
        var reported = Sample.Sim(Active, Sample.Plan).Decide(report);
        Assert.Equal((ProfileStatus.Installed, EventTypes.ProfileUpdated), (reported.Sim!.ProfileStatus, reported.Event));
        Assert.Null(reported.Then(report).Event);
    }
}
