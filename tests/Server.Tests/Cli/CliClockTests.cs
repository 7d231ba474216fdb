using Microsoft.AspNetCore.Http;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

[StartsProgram]
public sealed class CliClockTests
{
    private const string Clock = """{"now":"2026-01-05T03:04:05.678Z","offset":"3d","frozen":false}""";
    private const string Moving = """{"now":"2026-01-03T00:00:00.000Z","target":"2026-01-05T00:00:00.000Z"}""";

    [Theory]
    [InlineData("GET", "clock", "now")]
    [InlineData("POST", "clock/freeze", "freeze")]
    [InlineData("POST", "clock/resume", "resume")]
    public async Task Each_prints_the_clock(string method, string path, string verb)
    {
        await using var server = await RecordedServer.StartAsync();
        server.On(method, path, 200, "application/json", Clock);

        var plain = await server.RunAsync("clock", verb);
        var json = await server.RunAsync("clock", verb, "--json");

        Assert.Equal((0, "now     2026-01-05T03:04:05.678Z\noffset  3d\nfrozen  false\n"), (plain.ExitCode, plain.Output));
        Assert.Equal((0, Clock + "\n"), (json.ExitCode, json.Output));
    }

    [Theory]
    [InlineData("""{"by":"72h"}""", "72h")]
    [InlineData("""{"to":"2026-01-05T03:04:05Z"}""", "--to", "2026-01-05T03:04:05Z")]
    public async Task Advance_sends_how_far_or_where_to(string body, params string[] args)
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("POST", "clock/advance", 200, "application/json", Clock);

        var result = await server.RunAsync(["clock", "advance", .. args, "--json"]);

        Assert.Equal((0, Clock + "\n", ""), (result.ExitCode, result.Output, result.Error));
        Assert.Equal(body, Assert.Single(server.Requests).Body);
    }

    [Fact]
    public async Task Advance_waits_for_a_move_that_goes_on_and_says_so()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("POST", "clock/advance", 202, "application/json", Moving);
        var looks = 0;
        server.On("GET", "clock", async context =>
        {
            var day = Interlocked.Increment(ref looks) < 3 ? "04" : "05";
            await context.Response.WriteAsync($$"""{"now":"2026-01-{{day}}T00:00:00.000Z","offset":"3d","frozen":false}""");
        });

        var result = await server.RunAsync("clock", "advance", "72h");

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("now     2026-01-05T00:00:00.000Z\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("goes on", result.Error, StringComparison.Ordinal);
        Assert.Equal(3, looks);
    }

    [Fact]
    public async Task Advance_gives_up_at_its_deadline()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("POST", "clock/advance", 202, "application/json", Moving);
        server.On("GET", "clock", 200, "application/json", """{"now":"2026-01-04T00:00:00.000Z","offset":"2d","frozen":false}""");

        var result = await server.RunAsync("clock", "advance", "72h", "--deadline", "0s");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("2026-01-04T00:00:00.000Z", result.Error, StringComparison.Ordinal);
    }
}
