using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using static Simkeeper.Core.Sims.SimStatus;

namespace Simkeeper.Core.Tests.Sims;

public sealed class RequestRulesTests
{
    [Fact]
    public void A_request_that_is_silent_about_the_plan_keeps_it_though_the_plan_was_not_looked_up()
    {
        var sim = Sample.Sim(Active, Sample.Plan);
        var renamed = Lifecycle.Decide(sim, null, Sample.Request() with { FriendlyName = new("Bus 7") }, Sample.At(Sample.Now)).Value;
        Assert.Equal(Sample.Plan.Id, renamed.Sim!.RatePlanId);
        var reset = Lifecycle.Decide(sim, null, Sample.Reset, Sample.At(Sample.Now)).Value;
        Assert.Equal(Sample.Plan.Id, reset.Sim!.RatePlanId);
    }

    [Theory]
    [InlineData(New, new[] { Ready, Active, Deactivated })]
    [InlineData(Ready, new[] { Active, Suspended, Deactivated })]
    [InlineData(Active, new[] { Suspended, Deactivated })]
    [InlineData(Suspended, new[] { Active, Deactivated })]
    [InlineData(Deactivated, new[] { Active })]
    [InlineData(Canceled, new SimStatus[0])]
    public void A_user_can_ask_for_these_statuses_and_no_other(SimStatus from, SimStatus[] reachable)
    {
        var sim = Sample.Sim(from, Sample.Plan);
        foreach (var wanted in Enum.GetValues<SimStatus>().Where(status => status != from))
        {
            if (reachable.Contains(wanted))
                Assert.Equal(wanted, sim.Decide(Sample.Request(wanted)).Operation!.Wanted);
            else
                Assert.Equal(ErrorCode.TransitionInvalid, sim.Refuse(Sample.Request(wanted)).Code);
        }
    }

    [Fact]
    public void A_deactivated_SIM_comes_back_only_inside_72_hours_even_when_its_timer_is_late()
    {
        var sim = Sample.Sim(Deactivated, Sample.Plan);
        sim.Decide(Sample.Request(Active), Sample.Since.AddHours(72).AddMilliseconds(-1));
        Assert.Equal(ErrorCode.TransitionInvalid, sim.Refuse(Sample.Request(Active), Sample.Since.AddHours(72)).Code);
    }

    [Fact]
    public void Coming_back_from_deactivated_can_be_switched_off() =>
        Assert.Equal(ErrorCode.TransitionInvalid, Sample.Sim(Deactivated, Sample.Plan)
            .Refuse(Sample.Request(Active), rules: LifecycleRules.Default with { AllowReactivation = false }).Code);

    [Fact]
    public void An_open_operation_is_checked_before_everything_else()
    {
        var open = Sample.Sim(Active, Sample.Plan).Decide(Sample.Request(Suspended));
        var unknown = new Change<Result<RatePlan?>>(Sample.UnknownPlan);
        SimInput[] guarded =
        [
            Sample.Request(New), Sample.Request(Active), Sample.Reset, Sample.Reset with { Status = Active },
            Sample.Request().With(null), Sample.Request() with { RatePlan = unknown }, Sample.Request().To(Sample.Subaccount),
            Sample.Request() with { Account = new(Sample.ForeignAccount) },
        ];
        foreach (var input in guarded)
            Assert.Equal(ErrorCode.OperationOpen, open.Sim!.Refuse(input, open: open.Operation).Code);
    }

    [Fact]
    public void Names_callback_settings_and_metadata_stay_editable_while_an_operation_is_open()
    {
        var open = Sample.Sim(Active, Sample.Plan).Decide(Sample.Request(Suspended));
        var edited = open.Then(Sample.Request() with
        {
            UniqueName = new("bus-7"),
            FriendlyName = new("Bus 7"),
            Hooks = new Dictionary<string, string?> { ["commands_callback_url"] = "https://example.com/" },
            Metadata = [new("line", "7")],
        });
        Assert.Equal(("bus-7", "Bus 7", "updating", EventTypes.Updated),
            (edited.Sim!.UniqueName, edited.Sim.FriendlyName, edited.Sim.Shown, edited.Event));
        Assert.Null(edited.Operation);
        Assert.Equal("7", edited.Sim.Metadata.Entries["line"]);
        Assert.Equal("https://example.com/", edited.Sim.Hooks["commands_callback_url"]);
    }

    [Fact]
    public void A_reset_during_a_reset_has_a_code_of_its_own()
    {
        var open = Sample.Sim(Active, Sample.Plan).Decide(Sample.Reset);
        Assert.Equal(ErrorCode.ResetInProgress, open.Sim!.Refuse(Sample.Reset, open: open.Operation).Code);
        Assert.Equal(ErrorCode.OperationOpen, open.Sim!.Refuse(Sample.Request(Suspended), open: open.Operation).Code);
        Assert.Equal(ErrorCode.OperationOpen, open.Sim!.Refuse(Sample.Reset.With(Sample.Other), open: open.Operation).Code);
    }

    [Fact]
    public void Only_a_ready_or_active_SIM_can_be_reset()
    {
        foreach (var status in Enum.GetValues<SimStatus>())
        {
            var sim = Sample.Sim(status, Sample.Plan);
            if (status is Ready or Active)
                Assert.Equal(OperationKind.Reset, sim.Decide(Sample.Reset).Operation!.Kind);
            else
                Assert.Equal(ErrorCode.ResetNotAllowed, sim.Refuse(Sample.Reset).Code);
        }
    }

    [Fact]
    public void Status_and_reset_do_not_go_together_even_where_the_status_is_the_same() =>
        Assert.Equal(ErrorCode.InvalidCombination, Sample.Sim(Active, Sample.Plan).Refuse(Sample.Reset with { Status = Active }).Code);

    [Fact]
    public void Ready_and_active_need_a_rate_plan()
    {
        foreach (var wanted in new[] { Ready, Active })
        {
            Assert.Equal(ErrorCode.ConfigurationIncomplete, Sample.Sim(New).Refuse(Sample.Request(wanted)).Code);
            Assert.Equal(ErrorCode.ConfigurationIncomplete, Sample.Sim(New, Sample.Plan).Refuse(Sample.Request(wanted).With(null)).Code);
            Sample.Sim(New).Decide(Sample.Request(wanted).With(Sample.Plan));
        }
        Sample.Sim(New).Decide(Sample.Request(Deactivated));
    }

    [Fact]
    public void A_plan_with_deprecated_metering_activates_nothing()
    {
        foreach (var (status, wanted) in new[] { (New, Ready), (New, Active), (Ready, Active), (Suspended, Active), (Deactivated, Active) })
            Assert.Equal(ErrorCode.RatePlanNotAllowed, Sample.Sim(status, Sample.Deprecated).Refuse(Sample.Request(wanted)).Code);
        Sample.Sim(Active, Sample.Deprecated).Decide(Sample.Request(Suspended));
        Sample.Sim(Active, Sample.Plan).Decide(Sample.Request().With(Sample.Deprecated));
    }

    [Fact]
    public void The_plan_of_a_ready_or_active_SIM_cannot_be_removed_that_of_any_other_can()
    {
        foreach (var status in Enum.GetValues<SimStatus>())
        {
            var sim = Sample.Sim(status, Sample.Plan);
            if (status is Ready or Active)
                Assert.Equal(ErrorCode.InvalidValue, sim.Refuse(Sample.Request().With(null)).Code);
            else
                Assert.Null(sim.Decide(Sample.Request().With(null)).Sim!.RatePlanId);
        }
        Assert.Equal(ErrorCode.InvalidValue, Sample.Sim(Active, Sample.Plan).Refuse(Sample.Request(Deactivated).With(null)).Code);
    }

    [Fact]
    public void Suspending_and_removing_the_plan_do_not_go_together() =>
        Assert.Equal(ErrorCode.InvalidCombination, Sample.Sim(Active, Sample.Plan).Refuse(Sample.Request(Suspended).With(null)).Code);

    [Fact]
    public void A_plan_with_another_data_limit_strategy_can_be_given_only_to_a_new_or_deactivated_SIM()
    {
        foreach (var status in Enum.GetValues<SimStatus>())
        {
            var sim = Sample.Sim(status, Sample.Plan);
            if (status is New or Deactivated)
                Assert.Equal(Sample.Throttling.Id, sim.Decide(Sample.Request().With(Sample.Throttling)).Sim!.RatePlanId);
            else
                Assert.Equal(ErrorCode.InvalidValue, sim.Refuse(Sample.Request().With(Sample.Throttling)).Code);
        }
    }

    [Fact]
    public void A_Narrowband_SIM_and_a_Narrowband_plan_need_each_other()
    {
        Assert.Equal(ErrorCode.InvalidValue, Sample.Sim(New).Refuse(Sample.Request().With(Sample.Annual)).Code);
        Assert.Equal(ErrorCode.InvalidValue, Sample.Sim(New, Sample.Annual).Refuse(Sample.Request().With(Sample.Plan)).Code);
        Sample.Sim(New, Sample.Developer).Decide(Sample.Request(Active).With(Sample.Annual));
    }

    [Fact]
    public void From_the_Narrowband_annual_plan_there_is_no_way_to_the_developer_plan() =>
        Assert.Equal(ErrorCode.InvalidValue, Sample.Sim(Active, Sample.Annual).Refuse(Sample.Request().With(Sample.Developer)).Code);

    [Fact]
    public void Ready_is_not_available_on_the_Narrowband_developer_plan()
    {
        Assert.Equal(ErrorCode.TransitionInvalid, Sample.Sim(New, Sample.Developer).Refuse(Sample.Request(Ready)).Code);
        Sample.Sim(New, Sample.Developer).Decide(Sample.Request(Active));
        Sample.Sim(New, Sample.Annual).Decide(Sample.Request(Ready));
    }

    [Fact]
    public void A_plan_that_the_owner_does_not_have_is_not_found() =>
        Assert.Equal(ErrorCode.RatePlanNotFound,
            Sample.Sim(New).Refuse(Sample.Request(Ready) with { RatePlan = new(Sample.UnknownPlan) }).Code);

    [Fact]
    public void A_plan_alone_is_applied_at_once()
    {
        var changed = Sample.Sim(Active, Sample.Plan).Decide(Sample.Request(callback: Sample.Given).With(Sample.Other));
        Assert.Null(changed.Operation);
        Assert.Equal((Sample.Other.Id, EventTypes.Updated), (changed.Sim!.RatePlanId, changed.Event));
        Assert.Equal([new(Sample.Given)], changed.Callbacks);
    }

    [Fact]
    public void The_same_status_with_another_plan_is_a_plan_change()
    {
        var changed = Sample.Sim(Active, Sample.Plan).Decide(Sample.Request(Active).With(Sample.Other));
        Assert.Null(changed.Operation);
        Assert.Equal(("active", Sample.Other.Id), (changed.Sim!.Shown, changed.Sim.RatePlanId));
    }

    [Fact]
    public void The_same_status_again_changes_nothing_but_a_callback_is_called()
    {
        foreach (var status in Enum.GetValues<SimStatus>())
        {
            var sim = Sample.Sim(status, Sample.Plan);
            var same = sim.Decide(Sample.Request(status, Sample.Given));
            Assert.Equal(sim, same.Sim);
            Assert.Null(same.Event);
            Assert.Null(same.Operation);
            Assert.Equal([new(Sample.Given)], same.Callbacks);
        }
    }

    [Fact]
    public void A_new_SIM_moves_to_another_account_and_loses_its_user()
    {
        var moved = Sample.Sim(New).Decide(Sample.Request(New, Sample.Given).To(Sample.Subaccount));
        Assert.Equal((Sample.Subaccount, null, EventTypes.Moved), (moved.Sim!.AccountId, moved.Sim.User, moved.Event));
        Assert.Equal([new(Sample.Given)], moved.Callbacks);
    }

    [Fact]
    public void A_move_to_the_account_that_has_the_SIM_is_none()
    {
        var same = Sample.Sim(Active, Sample.Plan).Decide(Sample.Request().To(Sample.Account));
        Assert.Equal((null, "usr_1"), (same.Event, same.Sim!.User));
    }

    [Fact]
    public void A_move_of_a_SIM_with_a_plan_needs_a_plan_of_the_new_account_or_null()
    {
        var sim = Sample.Sim(New, Sample.Plan);
        Assert.Equal(ErrorCode.MissingValue, sim.Refuse(Sample.Request().To(Sample.Subaccount)).Code);
        Assert.Equal(Sample.Subplan.Id, sim.Decide(Sample.Request().To(Sample.Subaccount).With(Sample.Subplan)).Sim!.RatePlanId);
        Assert.Null(sim.Decide(Sample.Request().To(Sample.Subaccount).With(null)).Sim!.RatePlanId);
        Assert.Equal(ErrorCode.RatePlanNotFound,
            sim.Refuse(Sample.Request().To(Sample.Subaccount) with { RatePlan = new(Sample.UnknownPlan) }).Code);
    }

    [Fact]
    public void Only_a_new_SIM_can_be_moved_and_only_inside_the_org()
    {
        var move = Sample.Request().To(Sample.Subaccount).With(Sample.Subplan);
        foreach (var status in new[] { Active, Suspended, Deactivated, Canceled })
            Assert.Equal(ErrorCode.NotAuthorized, Sample.Sim(status, Sample.Plan).Refuse(move).Code);
        Assert.Equal(ErrorCode.MissingValue, Sample.Sim(Ready, Sample.Plan).Refuse(move).Code);
        Assert.Equal(ErrorCode.NotAuthorized, Sample.Sim(New).Refuse(Sample.Request() with { Account = new(Sample.ForeignAccount) }).Code);
    }

    [Fact]
    public void A_move_and_a_change_of_status_are_two_requests() =>
        Assert.Equal(ErrorCode.InvalidCombination,
            Sample.Sim(New).Refuse(Sample.Request(Active).To(Sample.Subaccount).With(Sample.Subplan)).Code);

    [Fact]
    public void Metadata_that_breaks_a_limit_refuses_the_whole_request() =>
        Assert.Equal("metadata.gigs.com/a", Sample.Sim(New, Sample.Plan)
            .Refuse(Sample.Request(Active) with { Metadata = [new("gigs.com/a", "1")] }).Field);
}
