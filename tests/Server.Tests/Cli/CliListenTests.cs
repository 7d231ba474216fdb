using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Simkeeper.Server.Tests.Deliveries;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>The program against a real server, and a receiver that only it can reach.</summary>
[StartsProgram]
public sealed class CliListenTests
{
    private const string Nowhere = "http://127.0.0.1:1/hook?tenant=7";

    [Fact]
    public async Task Callbacks_and_webhooks_are_shown_and_reach_the_developers_own_port_as_they_were_signed()
    {
        await using var server = await TestServer.StartAsync();
        await using var own = await Receiver.StartAsync((_, context) => context.Response.WriteAsync("thanks"));
        var hook = await server.HookAsync(Nowhere);
        await using var listening = await Listening.StartAsync(server.Url, "--forward-to", $"{own.Url}/mine?x=1", "--json");

        var sim = await server.SimAsync("test");
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "new"), ("CallbackUrl", Nowhere))).Is(200);

        var got = await own.GotAsync(2);
        Assert.All(got, request => Assert.Equal($"{own.Url}/mine?x=1&tenant=7", request.Url));
        Assert.All(got, request => Assert.Equal(Nowhere, request.Headers["X-Original-Url"]));
        var webhook = got.Single(request => request.Headers.ContainsKey("webhook-id"));
        Assert.Equal(webhook.Signature(hook.Secret), webhook.Headers["webhook-signature"]);
        Assert.Equal(("com.gigs.sim.created", "application/json"), (webhook.Type(), webhook.Headers["Content-Type"]));
        var called = got.Single(request => request.Headers.ContainsKey("X-Twilio-Signature"));
        Assert.Equal("application/x-www-form-urlencoded", called.Headers["Content-Type"]);
        Assert.Equal(
            Server.Dialects.Twilio.TwilioSignature.Of("sandbox-token", Nowhere, called.Body.Split('&').Select(pair => pair.Split('='))
                .Select(pair => KeyValuePair.Create(pair[0], Uri.UnescapeDataString(pair[1])))),
            called.Headers["X-Twilio-Signature"]);
        var answered = (await listening.NextAsync("forwarded")).GetProperty("forwarded");
        Assert.Equal((200, "thanks"), (answered.GetProperty("status").GetInt32(), answered.Text("answer")));
    }

    [Fact]
    public async Task It_connects_again_by_itself_and_catches_up()
    {
        await using var proxy = new Relay();
        await using var server = await TestServer.StartAsync();
        await using var own = await Receiver.StartAsync();
        await server.HookAsync(Nowhere);
        var sim = await server.SimAsync("test");
        proxy.To(server.Url);
        await using var listening = await Listening.StartAsync(proxy.Url, "--forward-to", own.Url);
        await server.NoteAsync(sim, "1");
        await own.GotAsync(1);

        proxy.Break();
        await listening.MessageAsync("again");
        await server.NoteAsync(sim, "2");
        await server.RestartAsync();
        await server.NoteAsync(sim, "3");
        proxy.To(server.Url);
        await own.GotAsync(3);
        await server.NoteAsync(sim, "4");

        var got = await own.GotAsync(4);
        Assert.Equal(["1", "2", "3", "4"], got.Select(request => request.Event().Text("data", "metadata", "note")));
    }

    [Fact]
    public async Task Replays_reach_it_too()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        await using var own = await Receiver.StartAsync();
        await server.HookAsync(receiver.Url);
        await server.SimAsync("test");
        await receiver.GotAsync(1);
        await using var listening = await Listening.StartAsync(server.Url, "--forward-to", own.Url);

        var body = """{"since":"2020-01-01T00:00:00Z","state":"delivered"}""";
        await Calls.UntilAsync(
            () => server.Operator.JsonAsync("/operator/v1/deliveries/redeliver", body), answer => answer["redelivered"] == "1");

        Assert.Equal(receiver.All[0].Headers["webhook-id"], (await own.GotAsync(1))[0].Headers["webhook-id"]);
    }

    [Fact]
    public async Task Only_the_account_and_the_events_that_were_asked_for_are_shown()
    {
        await using var server = await TestServer.StartAsync();
        await server.HookAsync(Nowhere);
        await server.HookAsync(Nowhere, TestServer.SubaccountSid);
        await using var listening = await Listening.StartAsync(
            server.Url, "--account", TestServer.MasterSid, "--events", "callback,com.gigs.sim.updated", "--json");

        await server.SimAsync("test", TestServer.SubaccountSid);
        var sim = await server.SimAsync("test");
        await server.NoteAsync(sim, "1");
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "new"), ("CallbackUrl", Nowhere))).Is(200);

        var first = (await listening.NextAsync("delivery")).GetProperty("delivery");
        var second = (await listening.NextAsync("delivery")).GetProperty("delivery");
        Assert.Equal(("com.gigs.sim.updated", sim), (first.Text("event"), first.Text("sim")));
        Assert.Equal(("callback", sim), (second.Text("kind"), second.Text("sim")));
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_is_shown_and_does_not_end_it()
    {
        await using var server = await TestServer.StartAsync();
        await server.HookAsync(Nowhere);
        await using var listening = await Listening.StartAsync(server.Url, "--forward-to", "http://127.0.0.1:1/", "--json");

        await server.SimAsync("test");
        await server.SimAsync("test");

        for (var number = 1; number <= 2; number++)
        {
            var answered = (await listening.NextAsync("forwarded")).GetProperty("forwarded");
            Assert.Equal(JsonValueKind.Null, answered.GetProperty("status").ValueKind);
            Assert.NotEqual("", answered.Text("error"));
        }
    }

    [Fact]
    public async Task An_answer_in_a_charset_that_does_not_exist_is_shown_and_does_not_end_it()
    {
        await using var server = await TestServer.StartAsync();
        await using var own = await Receiver.StartAsync((_, context) =>
        {
            context.Response.ContentType = "text/html; charset=utf8x";
            return context.Response.Body.WriteAsync("thänks"u8.ToArray()).AsTask();
        });
        await server.HookAsync(Nowhere);
        await using var listening = await Listening.StartAsync(server.Url, "--forward-to", own.Url, "--json");

        await server.SimAsync("test");
        await server.SimAsync("test");

        for (var number = 1; number <= 2; number++)
        {
            var answered = (await listening.NextAsync("forwarded")).GetProperty("forwarded");
            Assert.Equal((200, "thänks"), (answered.GetProperty("status").GetInt32(), answered.Text("answer")));
        }
    }

    [Fact]
    public async Task A_key_that_is_not_one_ends_it_at_once()
    {
        await using var server = await TestServer.StartAsync();

        var environment = new Dictionary<string, string> { ["SIMKEEPER_URL"] = server.Url.ToString(), ["SIMKEEPER_KEY"] = "skop_wrong" };
        var result = await Cli.RunAsync(environment, "", "listen");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("unauthenticated", result.Error);
    }

    /// <summary>The program while it listens.</summary>
    private sealed class Listening(Process process) : IAsyncDisposable
    {
        private static CancellationToken Deadline { get; } = TestContext.Current.CancellationToken;

        public static async Task<Listening> StartAsync(Uri server, params string[] args)
        {
            var environment = new Dictionary<string, string> { ["SIMKEEPER_URL"] = server.ToString(), ["SIMKEEPER_KEY"] = "skop_sandbox" };
            var listening = new Listening(Cli.Start(environment, ["listen", .. args]));
            await listening.MessageAsync("Listening");
            return listening;
        }

        /// <summary>Waits for a message that contains this.</summary>
        public async Task MessageAsync(string part)
        {
            while (await process.StandardError.ReadLineAsync(Deadline).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Deadline) is { } line)
            {
                if (line.Contains(part, StringComparison.Ordinal))
                    return;
            }
            Assert.Fail($"It ended without saying {part}.");
        }

        /// <summary>The next line of JSON that has this member.</summary>
        public async Task<JsonElement> NextAsync(string member)
        {
            while (await process.StandardOutput.ReadLineAsync(Deadline).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Deadline) is { } line)
            {
                var told = JsonDocument.Parse(line).RootElement;
                if (told.TryGetProperty(member, out _))
                    return told;
            }
            throw new InvalidOperationException($"It ended without {member}.");
        }

        public async ValueTask DisposeAsync()
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }
    }
}
