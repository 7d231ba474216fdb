using System.Collections.Concurrent;
using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Operations;

public sealed class EndTests
{
    [Fact]
    public async Task A_deadline_that_passes_expires_the_operation()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Operations:Deadline"] = "1h" });
        var heard = new ConcurrentQueue<Heard>();
        await using var receiver = await server.ListenAsync(heard);
        var sim = await server.SimAsync();
        var start = await server.FreezeAsync();
        await server.AskAsync(sim, "active", receiver.Url);
        var operation = await server.OperationAsync(sim);

        await server.AdvanceToAsync(start.AddHours(1).AddMilliseconds(-1));
        Assert.Equal("updating", await server.ShownAsync(sim));
        await server.AdvanceAsync("1ms");

        await CheckEndAsync(server, sim, operation["id"]!, "expired", start.AddHours(1));
        Assert.Equal([new Heard(sim, "new", "33004", start.AddHours(1))], heard);
    }

    [Fact]
    public async Task An_operation_that_is_withdrawn_leaves_the_SIM_as_it_is()
    {
        await using var server = await TestServer.StartAsync();
        var heard = new ConcurrentQueue<Heard>();
        await using var receiver = await server.ListenAsync(heard);
        var sim = await server.SimAsync("test");
        var start = await server.FreezeAsync();
        await server.AskAsync(sim, "active", receiver.Url);
        var id = (await Calls.UntilAsync(() => server.NewestOperationAsync(sim), sent => sent.GetProperty("attempts").GetInt32() == 1))
            .GetProperty("id").GetString()!;

        Assert.Equal("withdrawn", (await PostAsync(server, id, "withdraw")).Is(200)["state"]);
        await server.AdvanceAsync("1m");

        await CheckEndAsync(server, sim, id, "withdrawn", start);
        Assert.Equal([new Heard(sim, "new", "33010", start)], heard);
        foreach (var verb in new[] { "withdraw", "retry" })
            Assert.Equal("stateForbids", (await PostAsync(server, id, verb)).Is(409)["code"]);
    }

    [Fact]
    public async Task An_operation_can_be_forced_to_be_refused()
    {
        await using var server = await TestServer.StartAsync();
        var heard = new ConcurrentQueue<Heard>();
        await using var receiver = await server.ListenAsync(heard);
        var sim = await server.SimAsync();
        var start = await server.FreezeAsync();
        await server.AskAsync(sim, "active", receiver.Url);

        var ended = await server.EndAsync(sim, "refused");
        await server.AdvanceAsync("1s");

        await CheckEndAsync(server, sim, ended["id"]!, "refused", start);
        Assert.Equal([new Heard(sim, "new", "33000", start)], heard);
    }

    [Fact]
    public async Task An_operation_can_be_forced_to_be_done()
    {
        await using var server = await TestServer.StartAsync();
        var heard = new ConcurrentQueue<Heard>();
        await using var receiver = await server.ListenAsync(heard);
        var sim = await server.SimAsync();
        var start = await server.FreezeAsync();
        await server.AskAsync(sim, "active", receiver.Url);

        var ended = await server.EndAsync(sim);
        await server.AdvanceAsync("1s");

        Assert.Equal(("done", "active"), (ended["state"], await server.ShownAsync(sim)));
        var happened = (await server.EventsAsync(sim))[^1];
        Assert.Equal(("active", ended["id"]), (SimTime.Told(happened), happened.GetProperty("operation").GetString()));
        Assert.Equal([new Heard(sim, "active", null, start)], heard);
    }

    [Fact]
    public async Task A_retry_looks_at_once_whether_the_carrier_is_back()
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.SimAsync("test");
        await server.FreezeAsync();
        await server.FaultAsync("""{"carrier":"test","kind":"down"}""");
        await server.AskAsync(sim, "active");
        await server.AdvanceAsync("1h");
        var away = await server.NewestOperationAsync(sim);
        var id = away.GetProperty("id").GetString()!;
        Assert.Equal("scheduled", await server.ShownAsync(sim));

        // While it is still away, a retry is an attempt like any other.
        Assert.Equal("open", (await PostAsync(server, id, "retry")).Is(202)["state"]);
        await Calls.UntilAsync(() => server.NewestOperationAsync(sim), tried => Attempts(tried) > Attempts(away));
        Assert.Equal("scheduled", await server.ShownAsync(sim));

        (await server.Operator.DropAsync("/operator/v1/faults")).Is(204);
        (await PostAsync(server, id, "retry")).Is(202);
        await Calls.UntilAsync(() => server.NewestOperationAsync(sim), tried => tried.GetProperty("waitingFor").GetString() == "carrier");
        await server.AdvanceAsync("200ms");

        Assert.Equal("active", await server.ShownAsync(sim));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"outcome":"perhaps"}""")]
    [InlineData("""{"outcome":"done","why":"x"}""")]
    public async Task An_end_that_is_none_is_refused_and_the_operation_stays_open(string body)
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.SimAsync();
        await server.AskAsync(sim, "active");
        var operation = await server.OperationAsync(sim);

        (await server.Operator.JsonAsync($"/operator/v1/operations/{operation["id"]}/force", body)).Is(400);

        Assert.Equal("open", (await server.NewestOperationAsync(sim)).GetProperty("state").GetString());
    }

    private static Task<Answer> PostAsync(TestServer server, string id, string verb) =>
        server.Operator.JsonAsync($"/operator/v1/operations/{id}/{verb}", "");

    private static int Attempts(JsonElement operation) => operation.GetProperty("attempts").GetInt32();

    /// <summary>The settled status stays, and the event tells what ended how, when, and who had asked for it.</summary>
    private static async Task CheckEndAsync(TestServer server, string sim, string operation, string state, DateTimeOffset at)
    {
        Assert.Equal(("new", "new"), (await server.ShownAsync(sim), await server.SettledAsync(sim)));
        var ended = await server.NewestOperationAsync(sim);
        Assert.Equal((operation, state, at),
            (ended.GetProperty("id").GetString(), ended.GetProperty("state").GetString(), SimTime.Time(ended, "endedAt")));
        var happened = Assert.Single((await server.EventsAsync(sim)).Skip(1));
        Assert.Equal(($"operation.{state}", operation, at),
            (happened.GetProperty("type").GetString(), happened.GetProperty("operation").GetString(), SimTime.Time(happened, "at")));
        Assert.Equal(TestServer.MasterSid, happened.GetProperty("actor").GetProperty("sid").GetString());
    }
}
