using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Tests.Sims;

public sealed class RequestRulesTests
{
    [Fact]
    public void A_request_that_is_silent_about_the_plan_keeps_it_though_the_plan_was_not_looked_up()
    {
        var sim = Sample.Sim(SimStatus.Active, Sample.Plan);
        var renamed = Lifecycle.Decide(sim, null, Sample.Request() with { FriendlyName = new("Bus 7") }, Sample.At(Sample.Now)).Value;
        Assert.Equal(Sample.Plan.Id, renamed.Sim!.RatePlanId);
        var reset = Lifecycle.Decide(sim, null, Sample.Reset, Sample.At(Sample.Now)).Value;
        Assert.Equal(Sample.Plan.Id, reset.Sim!.RatePlanId);
    }
}
