using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;

using static Simkeeper.Core.Sims.SimStatus;

namespace Simkeeper.Core.Tests.Sims;

public sealed class OperationTests
{
    private static readonly Decision Open = Sample.Sim(New, Sample.Plan)
        .Decide(Sample.Request(Active, Sample.Given).With(Sample.Other));

    [Fact]
    public void Accepting_a_change_shows_updating_and_is_no_event()
    {
        Assert.Equal((New, "updating", null), (Open.Sim!.Status, Open.Sim.Shown, Open.Event));
        Assert.Empty(Open.Callbacks);
        Assert.Equal(Sample.Plan.Id, Open.Sim.RatePlanId);
        Assert.Equal(Sample.Now.AddHours(24), Open.Operation!.Deadline);
    }

    [Fact]
    public void Status_and_plan_settle_together_as_one_event()
    {
        var done = Open.Then(Sample.Done);
        Assert.Equal((Active, "active", Sample.Other.Id), (done.Sim!.Status, done.Sim.Shown, done.Sim.RatePlanId));
        Assert.Equal((OperationState.Done, EventTypes.Updated), (done.Operation!.State, done.Event));
        Assert.Equal(["status", "ratePlan"], SimFields.Changes(Open.Sim, done.Sim).Select(change => change.Name));
    }

    [Theory]
    [InlineData("refused by the carrier", OperationState.Refused, EventTypes.OperationRefused, 4711)]
    [InlineData("refused without a code", OperationState.Refused, EventTypes.OperationRefused, 33000)]
    [InlineData("expired", OperationState.Expired, EventTypes.OperationExpired, 33004)]
    [InlineData("withdrawn", OperationState.Withdrawn, EventTypes.OperationWithdrawn, 33010)]
    [InlineData("the account was suspended", OperationState.Withdrawn, EventTypes.OperationWithdrawn, 33201)]
    public void An_end_that_is_not_done_changes_neither_status_nor_plan_and_tells_why(
        string end, OperationState state, string eventType, int code)
    {
        SimInput input = end switch
        {
            "refused by the carrier" => Sample.Answer(new CarrierAnswer.Refused(4711, "No.")),
            "refused without a code" => Sample.Refused,
            "expired" => new SimInput.DeadlinePassed(),
            "the account was suspended" => new SimInput.AccountSuspended(),
            _ => new SimInput.Withdraw(),
        };
        var ended = Open.Then(input, Sample.Now.AddHours(24));
        Assert.Equal((New, "new", Sample.Plan.Id), (ended.Sim!.Status, ended.Sim.Shown, ended.Sim.RatePlanId));
        Assert.Equal((state, eventType), (ended.Operation!.State, ended.Event));
        Assert.Equal(Sample.Now.AddHours(24), ended.Operation.EndedAt);
        var told = Assert.Single(ended.Callbacks);
        Assert.Equal((Sample.Given, code), (told.To, told.ErrorCode));
        Assert.NotEmpty(told.ErrorMessage!);
        Assert.Equal(Sample.Since, ended.Sim.StatusSince);
    }

    [Fact]
    public void An_operation_expires_at_its_deadline_and_not_before()
    {
        Assert.Null(Open.Then(new SimInput.DeadlinePassed(), Open.Operation!.Deadline.AddMilliseconds(-1)).Operation);
        Assert.Equal(OperationState.Expired, Open.Then(new SimInput.DeadlinePassed(), Open.Operation.Deadline).Operation!.State);
    }

    [Fact]
    public void A_carrier_that_is_away_shows_scheduled_and_is_no_event()
    {
        foreach (var input in new[] { Sample.Away, new SimInput.CarrierAway() })
        {
            var away = Open.Then(input);
            Assert.Equal(("scheduled", null), (away.Sim!.Shown, away.Event));
            Assert.Equal((OperationState.Open, 1, "carrier away"),
                (away.Operation!.State, away.Operation.Attempts, away.Operation.WaitingFor));
            Assert.Empty(away.Callbacks);
        }
    }

    [Fact]
    public void The_deadline_stands_still_while_the_carrier_is_away()
    {
        var away = Open.Then(Sample.Away, Sample.Now.AddHours(20)).Then(Sample.Away, Sample.Now.AddDays(30));
        Assert.Null(away.Then(new SimInput.DeadlinePassed(), Sample.Now.AddDays(30)).Operation);
        var back = Sample.Now.AddDays(40);
        foreach (var answer in new CarrierAnswer[] { new CarrierAnswer.Pending(null), new CarrierAnswer.Unknown("Lost.") })
        {
            var met = away.Then(Sample.Answer(answer), back);
            Assert.Equal((back.AddHours(4), null), (met.Operation!.Deadline, met.Operation.AwaySince));
            Assert.Equal("scheduled", met.Sim!.Shown);
        }
        Assert.Equal(back.AddHours(4), away.Then(Sample.Answer(new CarrierAnswer.Pending(null)), back).Operation!.NextTry);
    }

    [Fact]
    public void A_limit_on_being_away_ends_the_operation_just_then()
    {
        var rules = LifecycleRules.Default with { ScheduledDeadline = TimeSpan.FromSeconds(90) };
        var limit = Sample.Now.AddSeconds(90);
        var away = Open;
        for (var now = Sample.Now; now < limit; now = away.Operation!.NextTry!.Value)
        {
            away = away.Then(Sample.Away, now, rules);
            Assert.Equal("scheduled", away.Sim!.Shown);
        }
        Assert.Equal(limit, away.Operation!.NextTry);
        Assert.Equal(OperationState.Expired, away.Then(Sample.Away, limit, rules).Operation!.State);
        Assert.Equal(Active, away.Then(Sample.Done, limit, rules).Sim!.Status);
    }

    [Fact]
    public void Without_a_limit_a_scheduled_SIM_waits_for_ever() =>
        Assert.Equal("scheduled", Open.Then(Sample.Away).Then(Sample.Away, Sample.Now.AddYears(5)).Sim!.Shown);

    [Fact]
    public void A_lost_answer_is_read_back_before_the_next_attempt()
    {
        var lost = Open.Then(Sample.Answer(new CarrierAnswer.Unknown("Timed out.")));
        Assert.True(lost.Operation!.Uncertain);
        Assert.Equal(Sample.Now.AddSeconds(1), lost.Operation.NextTry);
        Assert.True(lost.Then(Sample.Away).Operation!.Uncertain);
        Assert.False(lost.Then(Sample.Answer(new CarrierAnswer.Pending(Sample.Now))).Operation!.Uncertain);
    }

    [Fact]
    public void A_pending_change_is_asked_after_when_the_carrier_says_or_waits_for_a_person()
    {
        var later = Sample.Now.AddMinutes(10);
        Assert.Equal((later, "carrier"), Waiting(new CarrierAnswer.Pending(later)));
        Assert.Equal((Sample.Now.AddHours(24), "operator"), Waiting(new CarrierAnswer.Pending(null)));
        static (DateTimeOffset?, string?) Waiting(CarrierAnswer answer)
        {
            var operation = Open.Then(Sample.Answer(answer)).Operation!;
            return (operation.NextTry, operation.WaitingFor);
        }
    }

    [Fact]
    public void Attempts_are_counted_whatever_the_answer()
    {
        CarrierAnswer[] answers =
        [
            new CarrierAnswer.Done(), new CarrierAnswer.Refused(null, "No."), new CarrierAnswer.Unavailable("Closed."),
            new CarrierAnswer.Unknown("Lost."), new CarrierAnswer.Pending(null),
        ];
        foreach (var answer in answers)
            Assert.Equal(1, Open.Then(Sample.Answer(answer)).Operation!.Attempts);
    }

    [Fact]
    public void Attempts_come_at_doubling_distances_up_to_the_longest_less_the_jitter()
    {
        Assert.Equal([1, 2, 4, 8], Enumerable.Range(1, 4).Select(attempts => Backoff.After(attempts, 0).TotalSeconds));
        Assert.Equal(TimeSpan.FromMinutes(2.5), Backoff.After(int.MaxValue, 0));
        Assert.InRange(Backoff.After(10, 0.999), TimeSpan.FromMinutes(1.25), TimeSpan.FromMinutes(1.26));
    }

    [Fact]
    public void Answers_and_ends_without_an_open_operation_change_nothing()
    {
        var sim = Sample.Sim(Active, Sample.Plan);
        SimInput[] ends = [new SimInput.DeadlinePassed(), new SimInput.Withdraw(), new SimInput.AccountSuspended()];
        foreach (var input in ends.Concat([Sample.Done, Sample.Refused, Sample.Away]))
            Assert.Equal((sim, null), (sim.Decide(input).Sim, sim.Decide(input).Event));
    }

    [Fact]
    public void Blocking_a_SIM_is_urgent()
    {
        foreach (var wanted in new[] { Suspended, Deactivated })
            Assert.True(Sample.Sim(Active, Sample.Plan).Decide(Sample.Request(wanted)).Operation!.Urgent);
        Assert.False(Open.Operation!.Urgent);
    }
}
