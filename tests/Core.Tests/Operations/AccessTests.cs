using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;

namespace Simkeeper.Core.Tests.Operations;

public sealed class AccessTests
{
    private static readonly PlanServices All = new(true, true, true);

    [Theory]
    [InlineData(SimStatus.New, false)]
    [InlineData(SimStatus.Ready, true)]
    [InlineData(SimStatus.Active, true)]
    [InlineData(SimStatus.Suspended, false)]
    [InlineData(SimStatus.Deactivated, false)]
    [InlineData(SimStatus.Canceled, false)]
    public void A_SIM_has_access_while_it_is_in_service(SimStatus status, bool isOpen) =>
        Assert.Equal(isOpen ? new Access(true, DataRestriction.Open, true) : Access.None, Access.Of(status, All, DataRestriction.Open));

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public void Each_service_is_the_plans_to_give(bool data, bool messages, bool voice) => Assert.Equal(
        new Access(voice, data ? DataRestriction.Open : DataRestriction.Everywhere, messages),
        Access.Of(SimStatus.Active, new PlanServices(data, messages, voice), DataRestriction.Open));

    [Fact]
    public void Without_a_plan_there_is_data_alone() =>
        Assert.Equal(new Access(false, DataRestriction.Open, false), Access.Of(SimStatus.Active, null, DataRestriction.Open));

    [Theory]
    [InlineData("block home")]
    [InlineData("block national,international")]
    [InlineData("throttle home,international")]
    public void A_data_limit_is_part_of_the_access_whatever_the_status_was_before(string text)
    {
        var restriction = DataRestriction.Parse(text);

        Assert.Equal(restriction, Access.Of(SimStatus.Active, All, restriction).Data);
        Assert.Equal(Access.None, Access.Of(SimStatus.Suspended, All, restriction));
        Assert.Equal(DataRestriction.Everywhere, Access.Of(SimStatus.Active, All with { Data = false }, restriction).Data);
    }

    [Fact]
    public void Every_capability_has_a_word()
    {
        var all = Enum.GetValues<Capabilities>().Aggregate((a, b) => a | b);

        Assert.Equal(["statuses", "reset", "data limit", "commands", "eSIM profile", "inventory"], all.ToWire());
        Assert.Equal(Enum.GetValues<Capabilities>().Length - 1, all.ToWire().Count());
        Assert.Empty(Capabilities.None.ToWire());
    }

    [Fact]
    public void A_call_that_is_over_lets_nothing_go_out_and_its_copies_neither()
    {
        var call = CarrierCall.ForData(Sims.Sample.Sim(SimStatus.Active), Access.None, 0, DateTimeOffset.UnixEpoch);
        var copy = call with { };
        Assert.False(call.Close());
        Assert.Throws<OperationCanceledException>(() => copy.Sending(CancellationToken.None));

        var sent = CarrierCall.ForData(call.Sim, Access.None, 0, DateTimeOffset.UnixEpoch);
        (sent with { }).Sending(CancellationToken.None);
        sent.Sending(CancellationToken.None);
        Assert.True(sent.Close());
        Assert.Throws<OperationCanceledException>(() => sent.Sending(CancellationToken.None));
    }

    [Fact]
    public void A_call_whose_job_is_another_workers_lets_nothing_go_out()
    {
        var call = CarrierCall.ForData(Sims.Sample.Sim(SimStatus.Active), Access.None, 0, DateTimeOffset.UnixEpoch);
        Assert.Throws<OperationCanceledException>(() => call.Sending(new CancellationToken(canceled: true)));
        Assert.False(call.Close());
    }
}
