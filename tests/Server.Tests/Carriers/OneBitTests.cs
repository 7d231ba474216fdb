using System.Collections.Concurrent;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Tests.Support;
using Simkeeper.Server.Tests.Usage;

namespace Simkeeper.Server.Tests.Carriers;

/// <summary>A network that has one bit for a SIM's data, set by the status as well as by the data limit: so HLRs have it.</summary>
public sealed class OneBitTests
{
    private const long Limit = 1_000_000_000;

    [Fact]
    public async Task A_SIM_over_its_data_limit_stays_blocked_when_it_is_suspended_and_comes_back()
    {
        var network = new OneBitNetwork();
        await using var server = await TestServer.StartAsync(seams: network.Carrier.Seams);
        var sim = await ActiveAsync(server);
        Assert.True(network.Data(sim));
        await UseUpAsync(server, sim);
        await Calls.UntilAsync(() => Task.FromResult(network.Data(sim)), data => !data);

        await server.AskAsync(sim, "suspended");
        await server.UntilShownAsync(sim, "suspended");
        await server.AskAsync(sim, "active");
        await server.UntilShownAsync(sim, "active");

        Assert.False(network.Data(sim));
        Assert.True(await server.DataBlockedAsync(sim));
        await server.AdvanceAsync("32d");
        Assert.True(network.Data(sim));
    }

    [Fact]
    public async Task A_limit_that_is_reached_while_the_status_changes_is_told_when_the_change_has_ended()
    {
        using var held = new SemaphoreSlim(0);
        var network = new OneBitNetwork(call => call.Wish is Wish.ToStatus { Status: SimStatus.Active } && call.Attempt == 1 ? held : null);
        await using var server = await TestServer.StartAsync(seams: network.Carrier.Seams);
        var sim = await ActiveAsync(server, "ready");
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "active"))).Is(202);
        await Calls.UntilAsync(() => Task.FromResult(network.Carrier.Asked.Last()), asked => asked == "Active First 1");

        await UseUpAsync(server, sim);
        held.Release();
        await server.UntilShownAsync(sim, "active");
        await server.AdvanceAsync("5s");

        await Calls.UntilAsync(() => server.DataBlockedAsync(sim), blocked => blocked);
        Assert.False(network.Data(sim));
        Assert.Equal("data First 1", network.Carrier.Asked.Last());
    }

    [Fact]
    public async Task A_status_that_changes_while_a_limit_is_told_is_not_undone()
    {
        using var held = new SemaphoreSlim(0);
        var network = new OneBitNetwork(call => call.Wish is Wish.LimitData && call.Sim.Status == SimStatus.Active ? held : null);
        await using var server = await TestServer.StartAsync(seams: network.Carrier.Seams);
        (await server.Kore.FormAsync("/v1/RatePlans", ("UniqueName", "slow"), ("DataLimitStrategy", "throttle"))).Is(201);
        var sim = await ActiveAsync(server, plan: "slow");
        await UseUpAsync(server, sim);
        await Calls.UntilAsync(() => Task.FromResult(network.Carrier.Asked.Last()), asked => asked == "data First 1");

        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "suspended"))).Is(202);
        await server.UntilShownAsync(sim, "suspended");
        held.Release(10);
        await server.AdvanceAsync("5s");

        // The call that was held has opened the SIM's data again: what was told meanwhile is told anew.
        await Calls.UntilAsync(() => Task.FromResult(network.Data(sim)), data => !data);
    }

    private static async Task<string> ActiveAsync(TestServer server, string status = "active", string plan = TestServer.PlanSid)
    {
        await server.FreezeAsync();
        var sim = await server.SimAsync("test", more: Network.GermanImsi);
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", status), ("RatePlan", plan))).Is(202);
        await server.UntilShownAsync(sim, status);
        return sim;
    }

    private static async Task UseUpAsync(TestServer server, string sim)
    {
        var now = await server.NowAsync();
        await server.ReportAsync(new Report(sim, "s", now, now, Limit, 0));
    }

    /// <param name="held">Gives what a call waits for before it acts; null: it does not wait.</param>
    private sealed class OneBitNetwork(Func<CarrierCall, SemaphoreSlim?>? held = null)
    {
        private readonly ConcurrentDictionary<string, bool> _data = new();

        public ScriptedCarrier Carrier => field ??= new ScriptedCarrier(AnswerAsync);

        public bool Data(string sim) => _data[sim];

        private async Task<CarrierAnswer> AnswerAsync(CarrierCall call, CancellationToken stop)
        {
            call.Sending(stop);
            if (held?.Invoke(call) is { } hold)
                await hold.WaitAsync(stop);
            var access = call.Wish.Match<Access?>(
                status: wish => wish.Access, reset: _ => null, command: _ => null, data: wish => wish.Access);
            if (access is { } given)
                _data[call.Sim.Sid] = !given.Data.Blocked;
            return ScriptedCarrier.Done;
        }
    }
}
