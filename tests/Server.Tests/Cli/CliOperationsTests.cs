using System.CommandLine;
using System.Net;
using System.Reflection;
using System.Text.Json;
using Simkeeper.Cli;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>The program has a command for every operation of the operator API, in the API's names.</summary>
[StartsProgram]
public sealed class CliOperationsTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private readonly TestServer _server = sandbox.Server;

    [Fact]
    public void Every_operation_of_the_operator_API_has_a_command_and_no_command_calls_another()
    {
        var file = File.ReadAllText(Path.Combine(TestFolder.Sources, "docs", "openapi", "operator.json"));
        var documented = JsonDocument.Parse(file).RootElement.GetProperty("paths").EnumerateObject()
            .Where(path => path.Name.StartsWith("/operator/v1", StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject()
                .Select(method => $"{method.Name.ToUpperInvariant()} {path.Name["/operator/v1".Length..]}"));

        var spoken = Commands(Root.Of([])).Select(Operation).OfType<string>();

        Assert.Equal(documented.Order(StringComparer.Ordinal), spoken.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_example_of_help_is_a_right_command()
    {
        foreach (var (command, examples) in Help.Examples)
        {
            foreach (var example in examples)
            {
                var args = example.Split(' ');
                Assert.StartsWith(command, example, StringComparison.Ordinal);
                Assert.Empty(Root.Of(args).Parse(args).Errors.Select(error => $"{example}: {error.Message}"));
            }
        }
    }

    [Fact]
    public async Task A_story_of_an_operator_needs_nothing_but_the_program()
    {
        var project = $"cli-{Fleet.Number()}";
        var account = (await RunAsync("accounts create --name Acme --project " + project)).GetProperty("sid").GetString()!;
        var key = await RunAsync($"keys create --account {account} --kind gigs --role read --name board --expires-at 2099-01-01");
        Assert.StartsWith("gpk_", key.GetProperty("secret").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("2099-01-01T00:00:00", key.GetProperty("expiresAt").GetString(), StringComparison.Ordinal);
        Assert.Contains("board", await TextAsync($"keys list --account {account} --columns name,kind"), StringComparison.Ordinal);
        await TextAsync($"keys delete --account {account} {key.GetProperty("id").GetString()}");
        Assert.DoesNotContain("board", await TextAsync($"keys list --account {account}"), StringComparison.Ordinal);

        var endpoint = await RunAsync(
            $"webhook-endpoints create --account {account} --url https://example.invalid/hook --events com.gigs.sim.updated --ordered");
        Assert.True(endpoint.GetProperty("ordered").GetBoolean());
        await TextAsync($"webhook-endpoints delete {endpoint.GetProperty("id").GetString()}");

        var limits = (await RunAsync("carriers update test --calls-per-second 70")).GetProperty("limits");
        Assert.Equal(70, limits.GetProperty("callsPerSecond").GetInt32());
        await RunAsync("faults create --kind slow --delay 1ms --for 10m --name cli");
        Assert.Contains("cli", await TextAsync("faults list"), StringComparison.Ordinal);
        await TextAsync("faults clear");
        Assert.Contains("sandbox-plan", await TextAsync("rate-plans list"), StringComparison.Ordinal);
        Assert.Equal("0.1.0", (await RunAsync("status")).GetProperty("version").GetString());
    }

    [Fact]
    public async Task Wait_returns_when_the_operation_has_ended_and_tells_its_end_by_the_exit_code()
    {
        var sim = await _server.SimAsync("test");
        var iccid = (await _server.Operator.FetchAsync($"/operator/v1/sims/{sim}"))["iccid"]!;

        var done = await Run($"sims activate {iccid} --rate-plan sandbox-plan --wait --json");
        var lab = await _server.SimAsync();
        var late = await Run($"sims activate {lab} --rate-plan sandbox-plan --wait=300ms --json");
        await _server.EndAsync(lab, "refused");
        var refused = Run($"sims deactivate {sim} --wait=20s --json");
        Assert.Equal((0, 4, 0), (done.ExitCode, late.ExitCode, (await refused).ExitCode));
        Assert.Contains("\"state\":\"done\"", done.Output, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"open\"", late.Output, StringComparison.Ordinal);
        Assert.Contains("not ended yet", late.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("events --since 24h")]
    [InlineData("events --since yesterday --limit 1")]
    [InlineData("events --since 2026-01-02 --limit 1")]
    [InlineData("deliveries list --since today --until now")]
    public async Task Times_are_taken_as_people_write_them(string line) => Assert.Equal(0, (await Run(line)).ExitCode);

    [Theory]
    [InlineData("simz list", "There is no command simz. Did you mean sims?")]
    [InlineData("sims lst", "There is no command sims lst. Did you mean sims list?")]
    [InlineData("keyz", "There is no command keyz. Did you mean keys?")]
    public async Task An_unknown_command_is_told_in_one_line_with_the_nearest(string line, string said)
    {
        var result = await Run(line);

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(said, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task Help_is_a_command_too_and_has_examples_exit_codes_and_environment()
    {
        var result = await Run("help sims activate");

        Assert.Equal(0, result.ExitCode);
        Assert.All(["Usage:", "Examples:", "--wait", "Exit codes:", "SIMKEEPER_KEY"],
            part => Assert.Contains(part, result.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task A_shell_gets_a_script_that_asks_the_program_what_is_possible(string shell)
    {
        Assert.Contains("[suggest:", (await Run($"completion {shell}")).Output, StringComparison.Ordinal);
        var possible = await Simkeeper.Server.Tests.Cli.RunAsync("[suggest:17]", "simkeeper sims ac");
        Assert.Contains("activate", possible.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_can_be_checked_and_shown_without_a_start_and_no_secret_is_shown()
    {
        var wrong = await Simkeeper.Server.Tests.Cli.RunAsync(
            new Dictionary<string, string> { ["SIMKEEPER__Sandboxx__Enabled"] = "true" }, "", "config", "check");
        var shown = await Simkeeper.Server.Tests.Cli.RunAsync(
            new Dictionary<string, string>
            {
                ["SIMKEEPER__Secrets__Key"] = "top-secret-wrapping-key",
                ["SIMKEEPER__Http__LogRequests"] = "true",
            }, "", "config", "show");

        Assert.Equal((2, 0), (wrong.ExitCode, shown.ExitCode));
        Assert.Contains("Sandbox:Enabled", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("Http:LogRequests  true  environment", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("top-secret", shown.Output + shown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_gives_the_environment_of_a_sandbox()
    {
        var lines = (await Run("status -o env")).Output;

        Assert.Contains($"export SIMKEEPER_URL={_server.Url.GetLeftPart(UriPartial.Authority)}", lines, StringComparison.Ordinal);
        Assert.Contains("export TWILIO_AUTH_TOKEN=sandbox-token", lines, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sandbox_that_starts_prints_its_keys_and_requests_that_work()
    {
        using var folder = new TestFolder();
        using var process = Simkeeper.Server.Tests.Cli.Start(
            [], "serve", "--sandbox", "--urls", "http://127.0.0.1:0", "--data", folder.Path);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            deadline.CancelAfter(TimeSpan.FromSeconds(60));
            var said = new List<string>();
            while (!said.Exists(line => line.Contains("sims list --limit 1", StringComparison.Ordinal)))
                said.Add((await process.StandardOutput.ReadLineAsync(deadline.Token))!);
            var request = said.Find(line => line.TrimStart().StartsWith("Gigs:", StringComparison.Ordinal))!.Split('\'');
            using var client = new HttpClient();
            client.DefaultRequestHeaders.TryAddWithoutValidation(request[1].Split(": ")[0], request[1].Split(": ")[1]);

            using var answer = await client.GetAsync(request[3], deadline.Token);

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.All(["AC00000000000000000000000000000002", "sandbox-token", "skop_sandbox", "sandbox-client"],
                known => Assert.Contains(said, line => line.Contains(known, StringComparison.Ordinal)));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Https_to_a_port_of_http_is_told_so()
    {
        var url = _server.Url.GetLeftPart(UriPartial.Authority).Replace("http:", "https:", StringComparison.Ordinal);
        var result = await Simkeeper.Server.Tests.Cli.RunAsync("sims", "list", "--key", "k", "--url", url);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("perhaps it speaks http", result.Error, StringComparison.Ordinal);
    }

    private async Task<JsonElement> RunAsync(string line)
    {
        var result = await Run(line + " --json");
        Assert.True(result.ExitCode == 0, $"{line}: {result.Error}");
        return JsonDocument.Parse(result.Output).RootElement;
    }

    private async Task<string> TextAsync(string line)
    {
        var result = await Run(line);
        Assert.True(result.ExitCode == 0, $"{line}: {result.Error}");
        return result.Output;
    }

    private Task<CliResult> Run(string line) => Simkeeper.Server.Tests.Cli.RunAsync(
        new() { ["SIMKEEPER_KEY"] = "skop_sandbox", ["SIMKEEPER_URL"] = _server.Url.ToString() }, "", line.Split(' '));

    private static IEnumerable<Command> Commands(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Commands);

    private static string? Operation(Command command) => command switch
    {
        ApiCommand api => $"{api.Method} /{api.Path.Replace("{account}", "{sid}", StringComparison.Ordinal)}",
        _ => command.GetType().GetCustomAttribute<SpeaksAttribute>() is { } speaks
            ? $"{speaks.Method} {speaks.Path.Replace("{verb}", command.Name, StringComparison.Ordinal)}"
            : null,
    };
}
