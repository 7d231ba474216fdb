using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Commands;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Tests.Support;
using Simkeeper.Server.Tests.Usage;

namespace Simkeeper.Server.Tests.Carriers;

/// <summary>Receipts, messages, usage and profiles that come from a network by itself.</summary>
public sealed class EventsTests : IAsyncLifetime
{
    private static readonly SimName Nobody = new("imsi", "262010000000000");

    private readonly ScriptedCarrier _network = new(call =>
        call.Wish is Wish.SendCommand ? new CarrierAnswer.Pending(call.Now.AddHours(1)) : ScriptedCarrier.Done);

    private TestServer _server = null!;
    private Receiver _receiver = null!;
    private string _sim = "";
    private string _imsi = "", _msisdn = "", _iccid = "";

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(seams: _network.Seams);
        _receiver = await Receiver.StartAsync();
        await _server.FreezeAsync();
        (_imsi, _msisdn) = ($"26201{Fleet.Number():D10}", $"49151{Fleet.Number():D8}");
        _sim = await _server.SimAsync("test", more: [("imsi", _imsi), ("msisdn", _msisdn), ("type", "eSIM")]);
        _iccid = (await _server.Operator.FetchAsync($"/operator/v1/sims/{_sim}"))["iccid"]!;
        await _server.AskAsync(_sim, "active");
        await _server.UntilShownAsync(_sim, "active");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_receipt_delivers_its_Command_once_however_often_it_comes()
    {
        var command = await _server.SendAsync(_sim, ("CallbackUrl", _receiver.Url));
        await _server.UntilCommandAsync(command, "sent");

        Assert.Null(await _network.Events.ReceiptAsync(Id(command), ScriptedCarrier.Done));
        Assert.Null(await _network.Events.ReceiptAsync(Id(command), ScriptedCarrier.Done));

        Assert.Equal("delivered", await _server.CommandAsync(command));
        Assert.Equal("delivered", Messaging.Form(Assert.Single(await _receiver.GotAsync(1)).Body)["CommandStatus"]);
        await _server.AdvanceAsync("2h");
        Assert.Single(_receiver.All);
    }

    [Fact]
    public async Task A_receipt_may_say_that_the_device_will_not_get_it()
    {
        var command = await _server.SendAsync(_sim, ("CallbackUrl", _receiver.Url));
        await _server.UntilCommandAsync(command, "sent");

        Assert.Null(await _network.Events.ReceiptAsync(Id(command), new CarrierAnswer.Refused(30005, "Unknown subscriber.")));

        Assert.Equal("failed", await _server.CommandAsync(command));
        Assert.Equal("30005", Messaging.Form(Assert.Single(await _receiver.GotAsync(1)).Body)["ErrorCode"]);
    }

    [Fact]
    public async Task A_receipt_that_overtakes_the_answer_to_its_own_call_counts()
    {
        var (called, answered) = (new TaskCompletionSource<Guid>(), new TaskCompletionSource());
        var network = new ScriptedCarrier(async (call, stop) =>
        {
            if (call.Wish is not Wish.SendCommand)
                return ScriptedCarrier.Done;
            called.TrySetResult(call.Key);
            await answered.Task.WaitAsync(stop);
            return new CarrierAnswer.Pending(call.Now.AddHours(1));
        });
        await using var server = await TestServer.StartAsync(seams: network.Seams);
        await server.FreezeAsync();
        var command = await server.SendAsync(await server.ServedAsync());

        Assert.Null(await network.Events.ReceiptAsync(
            await called.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), ScriptedCarrier.Done));
        answered.SetResult();
        await server.AdvanceAsync("1s");

        Assert.Equal("delivered", await server.CommandAsync(command));
    }

    [Fact]
    public async Task A_receipt_for_nothing_is_an_error() =>
        Assert.Equal(ErrorCode.NotFound, (await _network.Events.ReceiptAsync(Guid.NewGuid(), ScriptedCarrier.Done))?.Code);

    [Fact]
    public async Task A_device_speaks_by_whichever_number_its_network_knows()
    {
        (await _server.Kore.FormAsync($"/v1/Sims/{_sim}", ("CommandsCallbackUrl", _receiver.Url))).Is(200);

        foreach (var name in new SimName[] { new("imsi", _imsi), new("msisdn", _msisdn), new("iccid", _iccid), new("sim", _sim) })
            Assert.Null(await _network.Events.FromDeviceAsync(name, CommandMode.Text, $"hello by {name.Kind}"));

        var heard = (await _receiver.GotAsync(4)).Select(call => Messaging.Form(call.Body)["Command"]);
        Assert.Equal(["hello by iccid", "hello by imsi", "hello by msisdn", "hello by sim"], heard.Order());
        Assert.Equal(ErrorCode.SimNotFound, (await _network.Events.FromDeviceAsync(Nobody, CommandMode.Text, "x"))?.Code);
        Assert.Equal(ErrorCode.InvalidValue, (await _network.Events.FromDeviceAsync(new("imsi", _imsi), CommandMode.Binary, "?"))?.Code);
    }

    [Fact]
    public async Task Usage_is_counted_and_what_is_wrong_is_named()
    {
        var now = await _server.NowAsync();
        UsageReport Of(string session, long bytes) => new() { Session = session, Start = now, At = now, Uploaded = bytes, Downloaded = 1 };

        var refused = await _network.Events.UsageAsync(
        [
            new(0, new("msisdn", _msisdn), Of("a", 10)), new(1, Nobody, Of("b", 10)), new(2, new("imsi", _imsi), Of("c", -1)),
        ]);

        Assert.Equal([(1, ErrorCode.SimNotFound), (2, ErrorCode.InvalidValue)],
            refused.Select(entry => (entry.Index, entry.Error.Code)).Order());
        Assert.Equal("10+1 home 10+1 national 0+0", Assert.Single(await _server.Kore.UsageAsync(_sim)).Data());
    }

    [Fact]
    public async Task A_profile_is_reported_by_the_system()
    {
        var at = (await _server.NowAsync()).AddMinutes(-1);

        Assert.Null(await _network.Events.ProfileAsync(new("iccid", _iccid), ProfileStatus.Installed, at));
        Assert.Null(await _network.Events.ProfileAsync(new("iccid", _iccid), ProfileStatus.Installed, at));
        Assert.Equal(ErrorCode.SimNotFound, (await _network.Events.ProfileAsync(new("iccid", "1"), ProfileStatus.Installed, at))?.Code);

        var happened = Assert.Single(
            await _server.EventsAsync(_sim), happened => happened.GetProperty("type").GetString() == "sim.profile_updated");
        Assert.Equal("system", happened.GetProperty("actor").GetProperty("kind").GetString());
        Assert.Equal("installed", happened.GetProperty("data").GetProperty("updated").GetProperty("profileStatus").GetString());
    }

    private static Guid Id(string command) => Ids.TryParseSid("DC", command, out var id) ? id : throw new JsonException(command);
}
