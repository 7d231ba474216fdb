using System.Text.Json;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Carriers;

/// <summary>Carriers as an operator sees them.</summary>
public sealed class CarriersTests
{
    [Fact]
    public async Task Every_carrier_says_what_it_can_do_and_how_it_is()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Carriers:lab:InFlight"] = "7" });

        var items = (await server.Operator.FetchAsync("/operator/v1/carriers")).Is(200).Items.ToList();

        Assert.Equal(["lab manual up 7", "test test up 256"], items.Select(item =>
            $"{Text(item, "id")} {Text(item, "kind")} {Text(item, "state")} {item.GetProperty("limits").GetProperty("inFlight")}"));
        Assert.All(items, item =>
        {
            Assert.Equal(
                ["id", "kind", "state", "awaySince", "capabilities", "connected", "since", "lastError", "limits", "inFlight", "queued",
                    "oldestWaiting"],
                item.EnumerateObject().Select(property => property.Name));
            Assert.Equal(["statuses", "reset", "data limit", "commands"],
                item.GetProperty("capabilities").EnumerateArray().Select(word => word.GetString()));
            Assert.True(item.GetProperty("connected").GetBoolean());
            Assert.True(SimTime.Time(item, "since") > DateTimeOffset.UnixEpoch);
            Assert.Equal((0, 0), (item.GetProperty("inFlight").GetInt32(), item.GetProperty("queued").GetInt32()));
            Assert.All(["awaySince", "lastError", "oldestWaiting"], (string name) => Assert.Null(Text(item, name)));
        });
    }

    [Fact]
    public async Task What_is_in_flight_and_what_waits_is_counted_over_all_orgs()
    {
        var network = new ScriptedCarrier(call => new CarrierAnswer.Pending(call.Now.AddHours(1)))
        {
            Health = new CarrierHealth(false, DateTimeOffset.UnixEpoch, "connection refused"),
            Capabilities = Capabilities.Statuses | Capabilities.EsimProfile | Capabilities.Inventory,
        };
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Carriers:test:InFlight"] = "2" }, seams: network.Seams);
        var other = await server.AccountAsync();
        var start = await server.FreezeAsync();
        for (var i = 0; i < 2; i++)
            await server.AskAsync(await server.SimAsync("test"), "active");
        await Calls.UntilAsync(() => CarrierAsync(server), carrier => carrier.GetProperty("inFlight").GetInt32() == 2);
        (await other.Kore.FormAsync($"/v1/Sims/{await server.SimAsync("test", other.Sid)}", ("Status", "deactivated"))).Is(202);
        await server.AdvanceAsync("1m");
        for (var i = 0; i < 3; i++)
            await server.AskAsync(await server.SimAsync("test"), "active");

        var carrier = await CarrierAsync(server);

        Assert.Equal((2, 4), (carrier.GetProperty("inFlight").GetInt32(), carrier.GetProperty("queued").GetInt32()));
        Assert.InRange(SimTime.Time(carrier, "oldestWaiting"), start, start.AddSeconds(1));
        Assert.Equal((false, "1970-01-01T00:00:00.000Z", "connection refused"),
            (carrier.GetProperty("connected").GetBoolean(), Text(carrier, "since"), Text(carrier, "lastError")));
        Assert.Equal(["statuses", "eSIM profile", "inventory"],
            carrier.GetProperty("capabilities").EnumerateArray().Select(word => word.GetString()));
    }

    [Fact]
    public async Task A_carrier_that_is_away_says_since_when()
    {
        await using var server = await TestServer.StartAsync();
        var start = await server.FreezeAsync();
        await server.FaultAsync("""{"kind":"down","for":"10m"}""");
        await server.AskAsync(await server.SimAsync("test"), "active");
        await Calls.UntilAsync(() => CarrierAsync(server), carrier => Text(carrier, "state") == "away");
        await server.AdvanceAsync("5m");

        Assert.Equal(start, SimTime.Time(await CarrierAsync(server), "awaySince"));
        await server.AdvanceAsync("10m");
        Assert.Null(Text(await CarrierAsync(server), "awaySince"));
    }

    [Fact]
    public async Task A_fault_may_be_put_on_any_carrier_that_the_settings_name()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Carriers:lab:Kind"] = "manual" });
        await server.FreezeAsync();
        await server.FaultAsync("""{"carrier":"lab","kind":"refuse","code":4711,"count":1}""");
        await server.FaultAsync("""{"carrier":"lab","kind":"slow","delay":"1h","count":1}""");
        var sim = await server.SimAsync();

        await server.AskAsync(sim, "active");
        await Calls.UntilAsync(() => server.NewestOperationAsync(sim), operation => Text(operation, "waitingFor") == "carrier");
        await server.AdvanceAsync("1h");

        Assert.Equal("refused", Text(await server.NewestOperationAsync(sim), "state"));
        await server.AskAsync(sim, "active");
        await server.EndAsync(sim);
        Assert.Equal("active", await server.ShownAsync(sim));
    }

    private static async Task<JsonElement> CarrierAsync(TestServer server) =>
        (await server.Operator.FetchAsync("/operator/v1/carriers")).Is(200).Items
            .Single(item => Text(item, "id") == "test");

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
