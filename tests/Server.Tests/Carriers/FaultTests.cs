using System.Collections.Concurrent;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Carriers;

public sealed class FaultTests
{
    [Fact]
    public async Task While_the_carrier_is_down_SIMs_are_scheduled_and_come_back_by_themselves_within_5_minutes_of_its_end()
    {
        await using var server = await TestServer.StartAsync();
        var sims = new List<string>();
        var start = await server.FreezeAsync();
        await server.FaultAsync("""{"carrier":"test","kind":"down","for":"2h"}""");
        for (var i = 0; i < 20; i++)
        {
            sims.Add(await server.SimAsync("test"));
            await server.AskAsync(sims[^1], "active");
            await server.UntilShownAsync(sims[^1], "scheduled");
            await server.AdvanceAsync("3m");
        }

        await server.AdvanceToAsync(start.AddHours(2).AddMilliseconds(-1));
        foreach (var sim in sims)
            Assert.Equal(("scheduled", "new"), (await server.ShownAsync(sim), await server.SettledAsync(sim)));

        await server.AdvanceAsync("5m");
        await server.AdvanceAsync("1s");
        foreach (var sim in sims)
            Assert.Equal("active", await server.ShownAsync(sim));
        Assert.Empty((await server.Operator.FetchAsync("/operator/v1/faults")).Is(200).Items);
    }

    [Fact]
    public async Task A_carrier_that_is_away_is_said_to_be_so_and_an_outage_survives_a_restart()
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.SimAsync("test");
        await server.FreezeAsync();
        await server.FaultAsync("""{"carrier":"test","kind":"down","name":"dug up"}""");
        await server.AskAsync(sim, "active");
        await server.UntilShownAsync(sim, "scheduled");
        Assert.Equal("away", await StateAsync(server));
        Assert.Equal("carrier away", (await server.NewestOperationAsync(sim)).GetProperty("waitingFor").GetString());

        await server.RestartAsync();
        await server.AdvanceAsync("1h");
        Assert.Equal("scheduled", await server.ShownAsync(sim));
        var faults = (await server.Operator.FetchAsync("/operator/v1/faults")).Is(200).Json.GetProperty("items");
        Assert.Equal("dug up", Assert.Single(faults.EnumerateArray()).GetProperty("name").GetString());

        (await server.Operator.DropAsync("/operator/v1/faults")).Is(204);
        await server.AdvanceAsync("6m");
        Assert.Equal(("active", "up"), (await server.ShownAsync(sim), await StateAsync(server)));
    }

    [Fact]
    public async Task The_deadline_stands_still_while_the_carrier_is_away_and_then_goes_on()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Operations:Deadline"] = "1h" });
        var sim = await server.SimAsync("test");
        var start = await server.FreezeAsync();
        await server.FaultAsync("""{"carrier":"test","kind":"down","for":"10h"}""");
        await server.FaultAsync("""{"carrier":"test","kind":"slow","delay":"3h"}""");
        await server.AskAsync(sim, "active");
        await server.UntilShownAsync(sim, "scheduled");

        await server.AdvanceAsync("9h");
        Assert.Equal("scheduled", await server.ShownAsync(sim));
        await server.AdvanceAsync("3h");

        var operation = await server.NewestOperationAsync(sim);
        Assert.Equal("expired", operation.GetProperty("state").GetString());
        Assert.InRange(SimTime.Time(operation, "endedAt"), start.AddHours(11), start.AddHours(11).AddMinutes(5));
    }

    [Fact]
    public async Task A_deadline_for_scheduled_operations_ends_them_and_tells_33004()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Operations:ScheduledDeadline"] = "6h" });
        var heard = new ConcurrentQueue<Heard>();
        await using var receiver = await server.ListenAsync(heard);
        var sim = await server.SimAsync("test");
        var start = await server.FreezeAsync();
        await server.FaultAsync("""{"carrier":"test","kind":"down"}""");
        await server.AskAsync(sim, "active", receiver.Url);
        await server.UntilShownAsync(sim, "scheduled");

        await server.AdvanceToAsync(start.AddHours(6).AddMilliseconds(-1));
        Assert.Equal("scheduled", await server.ShownAsync(sim));
        await server.AdvanceAsync("1ms");

        Assert.Equal([new Heard(sim, "new", "33004", start.AddHours(6))], heard);
        Assert.Equal(["operation.expired"], await server.StoryAsync(sim));
    }

    [Fact]
    public async Task While_it_is_away_one_operation_at_a_time_asks_and_the_others_are_scheduled_without_a_call()
    {
        await using var server = await TestServer.StartAsync();
        await server.FreezeAsync();
        await server.FaultAsync("""{"carrier":"test","kind":"down","count":1000}""");
        var first = await server.SimAsync("test");
        await server.AskAsync(first, "active");
        await server.UntilShownAsync(first, "scheduled");

        for (var i = 0; i < 30; i++)
        {
            var sim = await server.SimAsync("test");
            await server.AskAsync(sim, "active");
            await server.UntilShownAsync(sim, "scheduled");
        }
        Assert.Equal(1, await CallsAsync(server));

        // Looks come after 1 s, 2 s, 4 s … 5 min, each at most halved: no more than 14 in ten minutes, however many wait.
        await server.AdvanceAsync("10m");
        Assert.InRange(await CallsAsync(server), 4, 15);
    }

    [Theory]
    [InlineData(""","code":4711""", "4711")]
    [InlineData("", "33000")]
    public async Task A_refusal_is_told_with_its_code_and_the_settled_status_stays(string code, string told)
    {
        await using var server = await TestServer.StartAsync();
        var heard = new ConcurrentQueue<Heard>();
        await using var receiver = await server.ListenAsync(heard);
        var sim = await server.SimAsync("test");
        var start = await server.FreezeAsync();
        await server.FaultAsync($$"""{"carrier":"test","kind":"refuse"{{code}}}""");
        await server.AskAsync(sim, "active", receiver.Url);

        await server.AdvanceAsync("1s");

        Assert.Equal([new Heard(sim, "new", told, start.AddMilliseconds(200))], heard);
        Assert.Equal(["operation.refused"], await server.StoryAsync(sim));
        Assert.Equal("new", await server.ShownAsync(sim));
        Assert.Equal("refused", (await server.NewestOperationAsync(sim)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_lost_answer_is_read_back_and_the_change_is_made_once()
    {
        await using var server = await TestServer.StartAsync();
        var heard = new ConcurrentQueue<Heard>();
        await using var receiver = await server.ListenAsync(heard);
        var sim = await server.SimAsync("test");
        await server.FreezeAsync();
        await server.FaultAsync("""{"carrier":"test","kind":"lost","count":1}""");
        await server.AskAsync(sim, "active", receiver.Url);
        await server.AdvanceAsync("200ms");
        Assert.Equal("updating", await server.ShownAsync(sim));

        // Were it asked for again instead of read back, it would be refused now.
        await server.FaultAsync("""{"carrier":"test","kind":"refuse"}""");
        await server.AdvanceAsync("10s");

        Assert.Equal(["active"], await server.StoryAsync(sim));
        Assert.Equal("active", Assert.Single(heard).Status);
    }

    [Fact]
    public async Task An_answer_that_comes_twice_is_one_event_and_one_callback()
    {
        await using var server = await TestServer.StartAsync();
        var heard = new ConcurrentQueue<Heard>();
        await using var receiver = await server.ListenAsync(heard);
        var sim = await server.SimAsync("test");
        await server.FreezeAsync();
        await server.FaultAsync("""{"carrier":"test","kind":"twice"}""");

        await server.AskAsync(sim, "active", receiver.Url);
        await server.AdvanceAsync("1m");
        await server.AskAsync(sim, "suspended", receiver.Url);
        await server.AdvanceAsync("1m");

        Assert.Equal(["active", "suspended"], await server.StoryAsync(sim));
        Assert.Equal(["active", "suspended"], heard.Select(callback => callback.Status));
    }

    [Fact]
    public async Task A_slow_carrier_answers_after_its_delay()
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.SimAsync("test");
        await server.FreezeAsync();
        await server.FaultAsync("""{"carrier":"test","kind":"slow","delay":"10s"}""");
        await server.AskAsync(sim, "active");

        await server.AdvanceAsync("9999ms");
        Assert.Equal("updating", await server.ShownAsync(sim));
        await server.AdvanceAsync("1ms");
        Assert.Equal("active", await server.ShownAsync(sim));
    }

    [Fact]
    public async Task A_seed_replays_the_same_hits()
    {
        var (first, second) = (await HitsAsync(7), await HitsAsync(7));

        Assert.Equal(first, second);
        Assert.Contains("new", first);
        Assert.Contains("active", first);
    }

    [Theory]
    [InlineData("""{"carrier":"test"}""")]
    [InlineData("""{"carrier":"test","kind":"asleep"}""")]
    [InlineData("""{"carrier":"test","kind":"slow"}""")]
    [InlineData("""{"carrier":"lab","kind":"down"}""")]
    [InlineData("""{"carrier":"test","kind":"down","for":"10"}""")]
    [InlineData("""{"carrier":"test","kind":"down","count":0}""")]
    [InlineData("""{"carrier":"test","kind":"refuse","code":"4711"}""")]
    [InlineData("""{"carrier":"test","kind":"down","until":"tomorrow"}""")]
    public async Task A_fault_that_makes_no_sense_is_refused(string body)
    {
        await using var server = await TestServer.StartAsync();

        (await server.Operator.JsonAsync("/operator/v1/faults", body)).Is(400);

        Assert.Empty((await server.Operator.FetchAsync("/operator/v1/faults")).Items);
    }

    private static async Task<List<string?>> HitsAsync(int seed)
    {
        await using var server = await TestServer.StartAsync();
        var ends = new List<string?>();
        await server.FreezeAsync();
        await server.FaultAsync($$"""{"carrier":"test","kind":"refuse","seed":{{seed}}}""");
        for (var i = 0; i < 10; i++)
        {
            var sim = await server.SimAsync("test");
            await server.AskAsync(sim, "active");
            await server.AdvanceAsync("1s");
            ends.Add(await server.ShownAsync(sim));
        }
        return ends;
    }

    /// <summary>Counts how often the carrier was asked: the fault that allows a thousand calls counts them.</summary>
    private static async Task<int> CallsAsync(TestServer server) =>
        1000 - (await server.Operator.FetchAsync("/operator/v1/faults")).Items[0].GetProperty("count").GetInt32();

    private static async Task<string?> StateAsync(TestServer server) =>
        (await server.Operator.FetchAsync("/operator/v1/carriers")).Items[0].GetProperty("state").GetString();
}
