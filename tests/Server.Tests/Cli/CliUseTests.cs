using System.Net.Sockets;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

[StartsProgram]
public sealed class CliUseTests
{
    private const string Account = "AC00000000000000000000000000000001";

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("sims")]
    [InlineData("sims list --unknown")]
    [InlineData("sims list --account AC1")]
    [InlineData("sims list --status asleep")]
    [InlineData("sims list --iccid 12345")]
    [InlineData("sims list --provider Upper")]
    [InlineData("sims list --limit 0")]
    [InlineData("sims list --limit many")]
    [InlineData("sims list --limit 3 --all")]
    [InlineData("sims get")]
    [InlineData("sims activate")]
    [InlineData("sims command-from DE019b7ca98f2e70018a3c4e5f60718293")]
    [InlineData("sims deactivate DE019b7ca98f2e70018a3c4e5f60718293 now")]
    [InlineData("clock")]
    [InlineData("clock advance")]
    [InlineData("clock advance 72")]
    [InlineData("clock advance -1h")]
    [InlineData("clock advance --to tomorrow")]
    [InlineData("clock advance 1h --to 2026-01-02T03:04:05Z")]
    [InlineData("clock advance 1h --deadline soon")]
    [InlineData("events --account 7")]
    [InlineData("events --since tomorrow")]
    [InlineData("sims activate DE019b7ca98f2e70018a3c4e5f60718293 --wait soon")]
    [InlineData("completion tcsh")]
    [InlineData("carriers update lab --calls-per-second many")]
    [InlineData("accounts create --name Acme")]
    [InlineData("events --limit 0")]
    [InlineData("events --limit 3 --all")]
    [InlineData("events --limit 3 --follow")]
    [InlineData("events --sim DE019b7ca98f2e70018a3c4e5f60718293 --account " + Account)]
    [InlineData("listen --account 7")]
    [InlineData("listen --forward-to localhost:3000")]
    [InlineData("listen --events sim.updated")]
    [InlineData("listen --events callback,com.gigs.nothing.*")]
    [InlineData("import cards.csv")]
    [InlineData("import cards.csv --account AC1")]
    [InlineData("import cards.xml --account " + Account)]
    [InlineData("import - --account " + Account)]
    [InlineData("import no-such-file.csv --account " + Account)]
    [InlineData("import cards.csv --format xml --account " + Account)]
    [InlineData("serve --role king")]
    [InlineData("serve --url http://127.0.0.1:1")]
    [InlineData("sims list --url ftp://127.0.0.1")]
    [InlineData("sims list --url nonsense")]
    public async Task Wrong_use_exits_with_2_and_explains_on_stderr_only(string line)
    {
        var result = await Cli.RunAsync(new() { ["SIMKEEPER_KEY"] = "k" }, "", line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.NotEmpty(result.Error.Trim());
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_it_says_how_to_give_one()
    {
        var result = await Cli.RunAsync("sims", "list");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("SIMKEEPER_KEY", result.Error, StringComparison.Ordinal);
        Assert.Contains("--key", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_no_header_value_is_wrong_use_and_is_not_repeated()
    {
        var result = await Cli.RunAsync("sims", "list", "--key", "top\nsecret");

        Assert.Equal(2, result.ExitCode);
        Assert.DoesNotContain("secret", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("serve --help")]
    [InlineData("import --help")]
    [InlineData("sims list --help")]
    [InlineData("sims activate --help")]
    [InlineData("clock advance --help")]
    [InlineData("events --help")]
    public async Task Help_goes_to_stdout_and_needs_no_key(string line)
    {
        var result = await Cli.RunAsync(line.Split(' '));

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Usage:", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task A_server_that_is_away_is_a_failure_in_one_line()
    {
        var result = await Cli.RunAsync("sims", "list", "--key", "k", "--url", ClosedPort());

        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.StartsWith("Cannot talk to http://127.0.0.1:", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task The_address_and_the_key_can_be_given_before_the_command_and_win_over_the_environment()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("GET", "sims?limit=50", 200, "application/json", """{"items":[],"next":null}""");
        var environment = new Dictionary<string, string> { ["SIMKEEPER_URL"] = ClosedPort(), ["SIMKEEPER_KEY"] = "other" };

        var result = await Cli.RunAsync(environment, "", "--url", server.Url + "/", "--key", "mine", "sims", "list");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("Bearer mine", Assert.Single(server.Requests).Authorization);
    }

    [Theory]
    [InlineData(401, """{"detail":"Send a key.","code":"unauthenticated"}""", "Send a key. (401 unauthenticated)")]
    [InlineData(500, """{"detail":"A\u001b[2Jb","code":"internal"}""", "A?[2Jb (500 internal)")]
    [InlineData(502, "<html>Bad Gateway</html>", "answered 502 without saying why")]
    [InlineData(302, "", "answered 302 without saying why")]
    [InlineData(200, "<html>Welcome</html>", "did not answer with the JSON it should")]
    [InlineData(200, """{"hello":"world"}""", "is it a Simkeeper server?")]
    public async Task What_is_no_answer_of_ours_is_a_failure_in_one_line(int status, string body, string message)
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("GET", "sims?limit=50", status, "application/problem+json", body);

        var result = await server.RunAsync("sims", "list");

        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    private static string ClosedPort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}";
    }
}
