using Simkeeper.Core.Operations;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Carriers;

[SqliteOnly]
public sealed class GovernorTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task No_more_calls_a_second_than_the_limit()
    {
        await using var server = await StartAsync(delay: "1h");
        await LimitAsync(server, """{"callsPerSecond":5}""");
        await server.FreezeAsync();
        await AskAsync(server, 10, "active");
        await Calls.UntilAsync(() => CountAsync(server, "attempts", "1"), sent => sent == 1);

        for (var calls = 2; calls <= 10; calls++)
        {
            await server.AdvanceAsync("199ms");
            Assert.Equal(calls - 1, await CountAsync(server, "attempts", "1"));
            await server.AdvanceAsync("1ms");
            Assert.Equal(calls, await CountAsync(server, "attempts", "1"));
        }
    }

    [Fact]
    public async Task No_more_in_flight_than_the_limit_also_after_a_restart()
    {
        await using var server = await StartAsync(delay: "10s");
        await LimitAsync(server, """{"inFlight":3}""");
        await server.FreezeAsync();
        await AskAsync(server, 10, "active");
        await Calls.UntilAsync(() => CountAsync(server, "attempts", "1"), sent => sent == 3);
        await server.RestartAsync();
        await server.AdvanceAsync("9s");
        Assert.Equal(3, await CountAsync(server, "attempts", "1"));

        await server.AdvanceAsync("1s");
        for (var done = 3; done < 10; done += 3)
        {
            Assert.Equal(done, await CountAsync(server, "state", "done"));
            Assert.Equal(Math.Min(3, 10 - done), await CountAsync(server, "attempts", "1"));
            await server.AdvanceAsync("10s");
        }
        Assert.Equal(10, await CountAsync(server, "state", "done"));
    }

    [Theory]
    [InlineData("test", """{"inFlight":0}""", 400)]
    [InlineData("test", """{"callsPerSecond":-1}""", 400)]
    [InlineData("test", """{"inFlight":"3"}""", 400)]
    [InlineData("test", """{"speed":3}""", 400)]
    [InlineData("nobody", """{"inFlight":3}""", 404)]
    public async Task Limits_that_make_no_sense_are_refused(string carrier, string limits, int status)
    {
        await using var server = await TestServer.StartAsync();

        (await server.Operator.CallAsync("PUT", $"/operator/v1/carriers/{carrier}", limits)).Is(status);
    }

    [Fact]
    public async Task Beside_an_org_with_2000_due_changes_one_with_ten_is_served_within_two_rounds()
    {
        await using var server = await StartAsync(delay: "10s");
        await LimitAsync(server, """{"inFlight":20}""");
        await server.FreezeAsync();
        var small = await server.AccountAsync();
        await server.Operator.ImportSimsAsync(2000, TestServer.MasterSid);
        await server.Operator.ImportSimsAsync(10, small.Sid);
        await DeactivateAllAsync(server, TestServer.MasterSid, server.Kore);
        await DeactivateAllAsync(server, small.Sid, small.Kore);

        // A round is what the carrier takes at once. Those of the round under way were sent when only one org had any.
        await server.AdvanceAsync("10s");
        await server.AdvanceAsync("10s");
        await server.AdvanceAsync("10s");

        Assert.Equal(10, await SettledAsync(server, small.Sid));
        Assert.InRange(await SettledAsync(server, TestServer.MasterSid), 40, 50);
    }

    [Fact]
    public async Task Blocking_a_SIM_goes_before_all_that_waits()
    {
        await using var server = await StartAsync(delay: "1s");
        var urgent = await server.SimAsync("test");
        await server.AskAsync(urgent, "active");
        await server.FreezeAsync();
        await server.AdvanceAsync("2s");
        await LimitAsync(server, """{"inFlight":1}""");
        await AskAsync(server, 5, "active");
        await Calls.UntilAsync(() => CountAsync(server, "attempts", "1"), sent => sent == 1);
        await server.AskAsync(urgent, "suspended");

        await server.AdvanceAsync("2s");

        Assert.Equal("suspended", await server.ShownAsync(urgent));
        Assert.Equal(4, await CountAsync(server, "state", "open"));
    }

    [Fact]
    public async Task Blocking_one_SIM_after_another_does_not_stop_what_is_less_urgent()
    {
        await using var server = await StartAsync(delay: "1s");
        await server.FreezeAsync();
        var blocked = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            blocked.Add(await server.SimAsync("test"));
            await server.AskAsync(blocked[i], "active");
        }
        await server.AdvanceAsync("2s");
        await LimitAsync(server, """{"inFlight":1}""");
        foreach (var sim in blocked)
            await server.AskAsync(sim, "suspended");
        var other = await server.SimAsync("test");
        await server.AskAsync(other, "active");

        await server.AdvanceAsync("8s");

        Assert.Equal("active", await server.ShownAsync(other));
        Assert.InRange(await CountAsync(server, "state", "open"), 1, 12);
    }

    [Fact]
    public void A_look_at_an_away_carrier_that_breaks_off_lets_the_next_one_look()
    {
        var governor = Governor(CarrierLimits.Default);
        var (first, second, third) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        Assert.True(Enters(governor, first));
        governor.Leave(first, new CarrierAnswer.Unavailable("away"), Now, 0);
        var entry = governor.TryEnter(second, false, Now);
        Assert.Equal(EntryKind.Away, entry.Kind);
        var later = entry.Again;

        Assert.True(Enters(governor, second, later));
        Assert.False(Enters(governor, third, later));
        governor.Leave(third, null, later, 0);
        Assert.False(Enters(governor, third, later));
        governor.Leave(second, null, later, 0);
        Assert.True(Enters(governor, third, later));
    }

    [Fact]
    public void A_caller_who_looked_at_the_clock_before_it_was_moved_on_lets_nobody_call_too_early()
    {
        var governor = Governor(new CarrierLimits(1, 10));
        var beforeTheMove = Now - TimeSpan.FromMinutes(1);
        Assert.True(Enters(governor, Guid.NewGuid(), Now));

        Assert.Equal((0, Now + TimeSpan.FromSeconds(1)), governor.Room(beforeTheMove));
        Assert.False(Enters(governor, Guid.NewGuid(), beforeTheMove));

        Assert.False(Enters(governor, Guid.NewGuid(), Now + TimeSpan.FromSeconds(0.5)));
        Assert.True(Enters(governor, Guid.NewGuid(), Now + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void The_place_of_what_ends_while_it_is_being_sent_is_free_when_the_carrier_has_answered()
    {
        var governor = Governor(new CarrierLimits(0, 1));
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.True(Enters(governor, first));
        governor.Ended(first);
        Assert.False(Enters(governor, second));
        governor.Leave(first, new CarrierAnswer.Pending(Now), Now, 0);
        Assert.True(Enters(governor, second));
    }

    [Fact]
    public void What_is_asked_twice_at_once_counts_until_both_have_their_answers()
    {
        var governor = Governor(new CarrierLimits(0, 1));
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.True(Enters(governor, first));
        Assert.True(Enters(governor, first));
        governor.Leave(first, new CarrierAnswer.Done(), Now, 0);
        Assert.False(Enters(governor, second));
        governor.Leave(first, new CarrierAnswer.Done(), Now, 0);
        Assert.True(Enters(governor, second));
    }

    [Fact]
    public void Many_that_fail_together_make_nobody_wait_longer_than_one_that_fails()
    {
        var governor = Governor(CarrierLimits.Default);
        var together = Enumerable.Range(0, 64).Select(_ => Guid.NewGuid()).ToList();
        foreach (var id in together)
            Assert.True(Enters(governor, id));
        foreach (var id in together)
            governor.Leave(id, new CarrierAnswer.Unavailable("away"), Now, 0);
        Assert.Equal(new Entry(EntryKind.Away, Now + Backoff.First), governor.TryEnter(Guid.NewGuid(), false, Now));
    }

    [Fact]
    public async Task While_the_carrier_comes_and_goes_every_answer_of_its_governor_has_its_time()
    {
        var governor = Governor(new CarrierLimits(0, int.MaxValue));
        var isOver = false;
        var swinging = Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var id = Guid.NewGuid();
                if (governor.TryEnter(id, i % 2 == 0, Now).Kind == EntryKind.Enter)
                    governor.Leave(id, i % 2 == 0 ? new CarrierAnswer.Done() : new CarrierAnswer.Unavailable("away"), Now, 0);
            }
            Volatile.Write(ref isOver, true);
        }, TestContext.Current.CancellationToken);

        while (!Volatile.Read(ref isOver))
        {
            var id = Guid.NewGuid();
            var entry = governor.TryEnter(id, false, Now);
            if (entry.Kind == EntryKind.Enter)
                governor.Leave(id, null, Now, 0);
            else
                Assert.True(entry.Again > Now);
        }
        await swinging;
    }

    private static Governor Governor(CarrierLimits limits)
    {
        var clock = new SimClock(TimeProvider.System);
        clock.Freeze(Now);
        return new Governor(limits, clock);
    }

    private static bool Enters(Governor governor, Guid id, DateTimeOffset? at = null) =>
        governor.TryEnter(id, false, at ?? Now).Kind == EntryKind.Enter;

    private static Task<TestServer> StartAsync(string delay) =>
        TestServer.StartAsync(new Dictionary<string, string?> { ["Carriers:test:Delay"] = delay });

    private static async Task LimitAsync(TestServer server, string limits) =>
        (await server.Operator.CallAsync("PUT", "/operator/v1/carriers/test", limits)).Is(200);

    private static async Task AskAsync(TestServer server, int count, string status)
    {
        for (var i = 0; i < count; i++)
            await server.AskAsync(await server.SimAsync("test"), status);
    }

    /// <summary>Open operations with so many attempts, or all operations in such a state.</summary>
    private static async Task<int> CountAsync(TestServer server, string property, string value)
    {
        var items = (await server.Operator.FetchAsync("/operator/v1/operations?limit=500")).Is(200).Json.GetProperty("items");
        return items.EnumerateArray().Count(operation => operation.GetProperty(property).ToString() == value
            && (property == "state" || operation.GetProperty("state").GetString() == "open"));
    }

    private static async Task DeactivateAllAsync(TestServer server, string account, HttpClient kore)
    {
        foreach (var batch in (await SidsAsync(server, account, "new")).Chunk(32))
            await Task.WhenAll(batch.Select(async sim => (await kore.FormAsync($"/v1/Sims/{sim}", ("Status", "deactivated"))).Is(202)));
    }

    private static async Task<int> SettledAsync(TestServer server, string account) =>
        (await SidsAsync(server, account, "deactivated")).Count;

    private static async Task<IReadOnlyList<string>> SidsAsync(TestServer server, string account, string status) =>
        [.. (await server.Operator.AllAsync($"/operator/v1/sims?account={account}&status={status}&limit=500"))
            .Select(sim => sim.GetProperty("sid").GetString()!)];
}
