using Microsoft.AspNetCore.Http;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

[StartsProgram]
public sealed class CliEventsTests
{
    private const string Account = "AC00000000000000000000000000000001";

    [Fact]
    public async Task Events_are_a_table_of_when_what_who_and_what_is_new()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("GET", "events?limit=50", 200, "application/json", Page(null, Event(1)));

        var result = await server.RunAsync("events");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var lines = result.Output.Split('\n');
        Assert.Equal(["at", "type", "sim", "actor.kind", "data.updated"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(
            ["2026-01-01T00:00:00.001Z", "sim.updated", "DE019b7ca98f2e70018a3c4e5f60718293", "operator", """{"status":"active"}"""],
            lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("--account", Account, "account=" + Account)]
    [InlineData("--sim", "sim_03236SRvZBGPbJrvzXPG3n", "sim=sim_03236SRvZBGPbJrvzXPG3n")]
    [InlineData("--type", "operation.refused", "type=operation.refused")]
    [InlineData("--since", "2026-01-02T03:04:05Z", "since=2026-01-02T03%3A04%3A05Z")]
    public async Task Filters_are_sent_as_they_are_called_in_the_API(string option, string value, string query)
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("GET", $"events?limit=7&{query}", 200, "application/json", Page(null));

        var result = await server.RunAsync("events", option, value, "--limit", "7");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task All_follows_the_cursor_to_the_last_page()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("GET", "events?limit=500", 200, "application/json", Page("more", Event(1)));
        server.On("GET", "events?limit=500&after=more", 200, "application/json", Page(null, Event(2)));

        var result = await server.RunAsync("events", "--all", "--json");

        Assert.Equal((0, $"{Event(1)}\n{Event(2)}\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task Follow_prints_each_event_once_and_goes_on_with_those_that_come()
    {
        await using var server = await RecordedServer.StartAsync();
        var pages = new Queue<string>([Page(null, Event(1)), Page(null, Event(1)), Page("full", Event(1), Event(2))]);
        server.On("GET", "events?limit=500&type=sim.updated", context => context.Response.WriteAsync(pages.Dequeue()));
        server.On("GET", "events?limit=500&type=sim.updated&after=full", 200, "application/json", Page(null, Event(3)));
        var environment = new Dictionary<string, string> { ["SIMKEEPER_URL"] = server.Url, ["SIMKEEPER_KEY"] = "skop_sandbox" };
        using var process = Cli.Start(environment, "events", "--type", "sim.updated", "--follow", "--json");
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            deadline.CancelAfter(TimeSpan.FromSeconds(60));
            for (var number = 1; number <= 3; number++)
                Assert.Equal(Event(number), await process.StandardOutput.ReadLineAsync(deadline.Token));
            Assert.False(process.HasExited);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Follow_outlives_an_outage_of_the_server_and_says_so_once()
    {
        await using var server = await RecordedServer.StartAsync();
        var asked = 0;
        server.On("GET", "events?limit=500", context =>
        {
            if (++asked is 2 or 3)
                context.Response.StatusCode = 503;
            return context.Response.WriteAsync(Page(null, [.. Enumerable.Range(1, asked < 4 ? 1 : 2).Select(Event)]));
        });
        var environment = new Dictionary<string, string> { ["SIMKEEPER_URL"] = server.Url, ["SIMKEEPER_KEY"] = "skop_sandbox" };
        using var process = Cli.Start(environment, "events", "--follow", "--json");
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            deadline.CancelAfter(TimeSpan.FromSeconds(60));
            Assert.Equal(Event(1), await process.StandardOutput.ReadLineAsync(deadline.Token));
            Assert.Equal(Event(2), await process.StandardOutput.ReadLineAsync(deadline.Token));
            Assert.EndsWith("Trying again.", await process.StandardError.ReadLineAsync(deadline.Token), StringComparison.Ordinal);
            Assert.StartsWith("Back after ", await process.StandardError.ReadLineAsync(deadline.Token), StringComparison.Ordinal);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static string Event(int number) =>
        $$$"""{"id":"evt_{{{number:D22}}}","type":"sim.updated","at":"2026-01-01T00:00:00.{{{number:D3}}}Z","""
        + """ "sim":"DE019b7ca98f2e70018a3c4e5f60718293","actor":{"kind":"operator"},"""
        + """ "data":{"previous":{},"updated":{"status":"active"}}}""";

    private static string Page(string? next, params string[] events) =>
        $$"""{"items":[{{string.Join(',', events)}}],"next":{{(next is null ? "null" : $"\"{next}\"")}}}""";
}
