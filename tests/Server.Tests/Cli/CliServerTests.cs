using System.Text.Json;
using Simkeeper.Server.Tests.Peers;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>The program against a real server.</summary>
[StartsProgram]
public sealed class CliServerTests
{
    [Fact]
    public async Task Cards_are_imported_listed_and_shown()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.AccountAsync();
        Task<CliResult> RunAsync(params string[] args) => Cli.RunAsync(
            new() { ["SIMKEEPER_URL"] = server.Url.ToString(), ["SIMKEEPER_KEY"] = "skop_sandbox" }, "", args);
        var cards = Path.Combine(Peer.Repository, "samples", "cards.csv");

        var first = await RunAsync("import", cards, "--account", account.Sid);
        var second = await RunAsync("import", cards, "--account", account.Sid, "--json");
        var list = await RunAsync("sims", "list", "--account", account.Sid, "--all", "--json");

        Assert.Equal((0, "imported  12\npresent   0\nrefused   0\n"), (first.ExitCode, first.Output));
        Assert.Equal((0, """{"imported":0,"present":12,"refused":0}"""), (second.ExitCode, second.Output.Trim()));
        var sims = list.Output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(12, sims.Select(sim => sim.GetProperty("iccid").GetString()).Distinct().Count());
        var oldest = sims[^1];
        var sim = await RunAsync("sims", "get", oldest.GetProperty("sid").GetString()!, "--json");
        Assert.Equal(0, sim.ExitCode);
        Assert.True(JsonElement.DeepEquals(oldest, JsonDocument.Parse(sim.Output).RootElement), sim.Output);
        Assert.Equal(
            ("8942422000000000013", "pump-01", "north"),
            (oldest.GetProperty("iccid").GetString(), oldest.GetProperty("uniqueName").GetString(),
                oldest.GetProperty("metadata").GetProperty("site").GetString()));
        var unknown = await RunAsync("sims", "get", "DE" + new string('9', 32));
        Assert.Equal((1, ""), (unknown.ExitCode, unknown.Output));
    }
}
