using System.Collections.Concurrent;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Carriers;

/// <summary>Calls to a carrier, and the answers that do not come.</summary>
public sealed class CallTests
{
    private static readonly Dictionary<string, string?> Impatient = new() { ["Carriers:test:Timeout"] = "100ms" };

    [Fact]
    public async Task A_call_says_whether_it_is_the_first_a_poll_or_a_read_back()
    {
        var answers = new Queue<CarrierAnswer>(
        [
            new CarrierAnswer.Unavailable("away"), new CarrierAnswer.Unknown("lost"), new CarrierAnswer.Unavailable("away"),
            new CarrierAnswer.Unknown("lost"), new CarrierAnswer.Pending(DateTimeOffset.UnixEpoch), ScriptedCarrier.Done,
        ]);
        var network = new ScriptedCarrier(_ => answers.Dequeue());
        await using var server = await TestServer.StartAsync(seams: network.Seams);
        await server.FreezeAsync();
        var sim = await server.SimAsync("test");

        await server.AskAsync(sim, "active");
        await server.AdvanceAsync("1h");

        Assert.Equal("active", await server.ShownAsync(sim));
        Assert.Equal(
            [CallStep.First, CallStep.First, CallStep.ReadBack, CallStep.ReadBack, CallStep.ReadBack, CallStep.Poll],
            network.Calls.Select(call => call.Step));
        Assert.Single(network.Calls.Select(call => call.Key).Distinct());
    }

    [Fact]
    public async Task A_carrier_that_is_silent_before_anything_has_gone_out_is_away_and_asked_again_as_at_first()
    {
        var network = new ScriptedCarrier(async (call, stop) =>
        {
            if (call.Attempt == 1)
                await Task.Delay(Timeout.Infinite, stop);
            return ScriptedCarrier.Done;
        });
        await using var server = await TestServer.StartAsync(Impatient, seams: network.Seams);
        await server.FreezeAsync();
        var sim = await server.SimAsync("test");

        await server.AskAsync(sim, "active");
        await server.UntilShownAsync(sim, "scheduled");
        await server.AdvanceAsync("10s");

        Assert.Equal("active", await server.ShownAsync(sim));
        Assert.Equal([CallStep.First, CallStep.First], network.Calls.Select(call => call.Step));
    }

    [Fact]
    public async Task A_carrier_that_is_silent_after_something_has_gone_out_is_asked_what_it_made_of_it()
    {
        var network = new ScriptedCarrier(async (call, stop) =>
        {
            call.Sending(stop);
            if (call.Attempt == 1)
                await Task.Delay(Timeout.Infinite, stop);
            return ScriptedCarrier.Done;
        });
        await using var server = await TestServer.StartAsync(Impatient, seams: network.Seams);
        await server.FreezeAsync();
        var sim = await server.SimAsync("test");

        await server.AskAsync(sim, "active");
        var lost = await Calls.UntilAsync(
            () => server.NewestOperationAsync(sim), operation => operation.GetProperty("attempts").GetInt32() == 1);
        Assert.Equal(("carrier", "The carrier did not answer in time."),
            (lost.GetProperty("waitingFor").GetString(), lost.GetProperty("lastError").GetString()));
        Assert.Equal("updating", await server.ShownAsync(sim));
        await server.AdvanceAsync("1s");

        Assert.Equal("active", await server.ShownAsync(sim));
        Assert.Equal(["Active First 1", "Active ReadBack 2"], network.Asked);
    }

    [Fact]
    public async Task A_call_that_does_not_heed_its_end_is_not_waited_for_and_sends_nothing_any_more()
    {
        using var late = new SemaphoreSlim(0);
        var tried = new TaskCompletionSource<bool>();
        var network = new ScriptedCarrier(async (call, stop) =>
        {
            if (call.Attempt > 1)
                return ScriptedCarrier.Done;
            await late.WaitAsync(CancellationToken.None);
            tried.SetResult(Assert.Throws<OperationCanceledException>(() => call.Sending(CancellationToken.None)) is not null);
            return ScriptedCarrier.Done;
        });
        await using var server = await TestServer.StartAsync(Impatient, seams: network.Seams);
        await server.FreezeAsync();
        var sim = await server.SimAsync("test");

        await server.AskAsync(sim, "active");
        await server.UntilShownAsync(sim, "scheduled");
        late.Release();

        Assert.True(await tried.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_adapter_that_breaks_off_is_logged_and_asked_what_it_made_of_it()
    {
        var network = new ScriptedCarrier(
            call => call.Attempt == 1 ? throw new InvalidDataException("half a frame") : ScriptedCarrier.Done);
        await using var server = await TestServer.StartAsync(seams: network.Seams);
        await server.FreezeAsync();
        var sim = await server.SimAsync("test");

        await server.AskAsync(sim, "active");
        await Calls.UntilAsync(() => Task.FromResult(network.Calls.Count), calls => calls == 1);
        await server.AdvanceAsync("1s");

        Assert.Equal("active", await server.ShownAsync(sim));
        Assert.Equal(["Active First 1", "Active ReadBack 2"], network.Asked);
        Assert.Contains(server.Log.Lines, line => line.Contains("half a frame", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_being_asked_when_the_server_stops_is_asked_again_by_the_next_one()
    {
        var network = new ScriptedCarrier(async (call, stop) =>
        {
            if (!call.Sim.Resetting && call.Wish is Wish.ResetConnection)
                throw new InvalidOperationException();
            await Task.Delay(call.Wish is Wish.ResetConnection ? Timeout.Infinite : 0, stop);
            return ScriptedCarrier.Done;
        });
        await using var server = await TestServer.StartAsync(seams: network.Seams);
        await server.FreezeAsync();
        var sim = await server.SimAsync("test");
        await server.AskAsync(sim, "active");
        await server.UntilShownAsync(sim, "active");
        (await server.Operator.JsonAsync($"/operator/v1/sims/{sim}/reset", "")).Is(202);
        await Calls.UntilAsync(() => Task.FromResult(network.Calls.Count), calls => calls == 2);

        await server.RestartAsync();
        await Calls.UntilAsync(() => Task.FromResult(network.Calls.Count), calls => calls == 3);

        Assert.Equal(["Active First 1", "reset First 1", "reset First 1"], network.Asked);
        Assert.Equal(0, (await server.NewestOperationAsync(sim)).GetProperty("attempts").GetInt32());
    }

    [Theory]
    [InlineData("status", "This carrier cannot change the status of SIMs.")]
    [InlineData("reset", "This carrier cannot reset connections.")]
    public async Task What_a_carrier_cannot_do_is_refused_without_a_call(string what, string why)
    {
        var network = new ScriptedCarrier(_ => ScriptedCarrier.Done)
        {
            Capabilities = what == "reset" ? Capabilities.Statuses : Capabilities.Reset,
        };
        var heard = new ConcurrentQueue<Heard>();
        await using var server = await TestServer.StartAsync(seams: network.Seams);
        await using var receiver = await server.ListenAsync(heard);
        var start = await server.FreezeAsync();
        var sim = await server.SimAsync("test");

        if (what == "reset")
        {
            await server.AskAsync(sim, "active");
            await server.UntilShownAsync(sim, "active");
            (await server.Operator.JsonAsync($"/operator/v1/sims/{sim}/reset", "")).Is(202);
        }
        else
        {
            await server.AskAsync(sim, "active", receiver.Url);
        }

        var ended = await Calls.UntilAsync(
            () => server.NewestOperationAsync(sim), operation => operation.GetProperty("state").GetString() == "refused");
        Assert.Equal(why, ended.GetProperty("lastError").GetString());
        Assert.DoesNotContain(network.Asked, asked => asked.StartsWith(what == "reset" ? "reset" : "Active", StringComparison.Ordinal));
        await server.AdvanceAsync("1s");
        Assert.Equal(what == "reset" ? [] : [new Heard(sim, "new", "33000", start)], heard);
    }

    [Fact]
    public async Task A_carrier_that_sends_no_Commands_fails_them_at_once()
    {
        var network = new ScriptedCarrier(_ => ScriptedCarrier.Done) { Capabilities = Capabilities.Statuses };
        await using var server = await TestServer.StartAsync(seams: network.Seams);
        await using var receiver = await Receiver.StartAsync();
        await server.FreezeAsync();
        var sim = await server.ServedAsync();

        var command = await server.SendAsync(sim, ("CallbackUrl", receiver.Url));

        await server.UntilCommandAsync(command, "failed");
        var form = Messaging.Form(Assert.Single(await receiver.GotAsync(1)).Body);
        Assert.Equal(("33000", "This carrier cannot send Commands."), (form["ErrorCode"], form["ErrorMessage"]));
        Assert.DoesNotContain(network.Calls, call => call.Wish is Wish.SendCommand);
    }

    [Fact]
    public async Task A_Command_is_first_sent_and_then_polled_with_the_same_key()
    {
        var network = new ScriptedCarrier(call => call switch
        {
            { Wish: not Wish.SendCommand } or { Step: CallStep.Poll } => ScriptedCarrier.Done,
            { Attempt: 1 } => new CarrierAnswer.Unknown("lost"),
            _ => new CarrierAnswer.Pending(call.Now.AddSeconds(5)),
        });
        await using var server = await TestServer.StartAsync(seams: network.Seams);
        await server.FreezeAsync();
        var sim = await server.ServedAsync();

        var command = await server.SendAsync(sim);
        await server.AdvanceAsync("10s");

        Assert.Equal("delivered", await server.CommandAsync(command));
        Assert.Equal(["Active First 1", "command First 1", "command First 2", "command Poll 3"], network.Asked);
        Assert.Single(network.Calls.Skip(1).Select(call => call.Key).Distinct());
    }

    [Fact]
    public async Task A_call_has_the_access_of_the_status_the_plan_and_the_data_limit()
    {
        var network = new ScriptedCarrier(_ => ScriptedCarrier.Done);
        await using var server = await TestServer.StartAsync(seams: network.Seams);
        await server.FreezeAsync();
        (await server.Kore.FormAsync("/v1/RatePlans", ("UniqueName", "voice"), ("VoiceEnabled", "true"), ("MessagingEnabled", "false"),
            ("DataEnabled", "false"))).Is(201);
        var sim = await server.SimAsync("test");

        await server.AskAsync(sim, "active");
        await server.UntilShownAsync(sim, "active");
        await server.AskAsync(sim, "suspended");
        await server.UntilShownAsync(sim, "suspended");
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "active"), ("RatePlan", "voice"))).Is(202);
        await server.UntilShownAsync(sim, "active");

        Assert.Equal(["data, messages", "nothing", "voice"],
            network.Calls.Select(call => call.Wish).OfType<Wish.ToStatus>().Select(wish => Text(wish.Access)));
    }

    [Theory]
    [InlineData("10s", null)]
    [InlineData("3s", "3s")]
    [InlineData("0s", null)]
    public async Task A_call_may_not_take_as_long_as_a_job_is_held(string timeout, string? lease)
    {
        var refused = await Assert.ThrowsAsync<StartException>(() => TestServer.StartAsync(
            new Dictionary<string, string?> { ["Carriers:lab:Timeout"] = timeout, ["Jobs:Lease"] = lease }));

        Assert.Contains("Carriers:lab:Timeout", refused.Message, StringComparison.Ordinal);
        Assert.True(refused.WrongUse);
    }

    private static string Text(Access access) => access == Access.None ? "nothing" : string.Join(", ", new[]
    {
        access.Voice ? "voice" : null, access.Data.Blocked ? null : "data", access.Messages ? "messages" : null,
    }.OfType<string>());
}
