using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>The program against a real server.</summary>
[StartsProgram]
public sealed class CliStoryTests
{
    [Fact]
    public async Task A_SIM_is_activated_and_deactivated_and_72_hours_later_canceled()
    {
        await using var server = await TestServer.StartAsync();
        Task<CliResult> RunAsync(params string[] args) =>
            Cli.RunAsync(new() { ["SIMKEEPER_URL"] = server.Url.ToString(), ["SIMKEEPER_KEY"] = "skop_sandbox" }, "", [.. args, "--json"]);
        var sim = Json(await RunAsync("sims", "list", "--account", TestServer.MasterSid, "--limit", "1")).GetProperty("sid").GetString()!;
        async Task<string?> StatusAsync() => Json(await RunAsync("sims", "get", sim)).GetProperty("shown").GetString();

        Assert.True(Json(await RunAsync("clock", "freeze")).GetProperty("frozen").GetBoolean());
        var operation = Json(await RunAsync("sims", "activate", sim, "--rate-plan", "sandbox-plan"));
        Assert.Equal("active", operation.GetProperty("wanted").GetString());
        Assert.Equal("updating", await StatusAsync());
        Assert.Equal(1, (await RunAsync("sims", "suspend", sim)).ExitCode);
        Json(await RunAsync("clock", "advance", "1s"));
        Assert.Equal("active", await StatusAsync());
        Json(await RunAsync("sims", "deactivate", sim));
        Json(await RunAsync("clock", "advance", "72h"));
        Assert.Equal("deactivated", await StatusAsync());
        Json(await RunAsync("clock", "advance", "1s"));
        Assert.Equal("canceled", await StatusAsync());
        Assert.False(Json(await RunAsync("clock", "resume")).GetProperty("frozen").GetBoolean());

        var events = (await RunAsync("events", "--sim", sim, "--type", "sim.updated", "--all")).Output.TrimEnd().Split('\n');
        Assert.Equal(
            ["active", "deactivated", "canceled"],
            events.Select(line => SimTime.Told(JsonDocument.Parse(line).RootElement)));
    }

    private static JsonElement Json(CliResult result)
    {
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonDocument.Parse(result.Output).RootElement;
    }
}
