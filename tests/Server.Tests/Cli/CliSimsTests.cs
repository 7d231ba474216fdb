using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

[StartsProgram]
public sealed class CliSimsTests
{
    private static readonly string Sim = """
        {"sid":"DE019b7ca98f2e70018a3c4e5f60718293","id":"sim_03236SRvZBGPbJrvzXPG3n","account":"AC00000000000000000000000000000001",
        "iccid":"8942420000000000015","imsi":null,"type":"eSIM","provider":"test","status":"new","shown":"updating",
        "uniqueName":"truck-7","metadata":{"batch":"2026-01"},"esimProfile":{"status":"installed"},"narrowband":false,"version":3}
        """.ReplaceLineEndings("");

    private const string Operation = """{"id":"op_0324sy29EP4ovq3br2TCSX","state":"open"}""";

    private static readonly string Other = Sim
        .Replace("8293\"", "8294\"", StringComparison.Ordinal)
        .Replace("\"truck-7\"", "null", StringComparison.Ordinal)
        .Replace("\"test\"", "\"a-longer-provider\"", StringComparison.Ordinal);

    [Fact]
    public async Task List_prints_an_aligned_table_with_a_header()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("GET", "sims?limit=50", 200, "application/json", $$"""{"items":[{{Sim}},{{Other}}],"next":null}""");

        var result = await server.RunAsync("sims", "list");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var lines = result.Output.Split('\n');
        Assert.Equal(["sid", "account", "iccid", "type", "provider", "status", "shown", "uniqueName"], Cells(lines[0]));
        Assert.Equal(
            [
                "DE019b7ca98f2e70018a3c4e5f60718293", "AC00000000000000000000000000000001", "8942420000000000015", "eSIM", "test", "new",
                "updating", "truck-7",
            ],
            Cells(lines[1]));
        Assert.Equal("-", Cells(lines[2])[^1]);
        Assert.Equal("", lines[3]);
        Assert.Single(lines.Take(3).Select((line, i) => line.LastIndexOf(i == 0 ? "status" : "new", StringComparison.Ordinal)).Distinct());
    }

    [Fact]
    public async Task List_as_JSON_is_one_SIM_per_line_as_the_server_wrote_it_whatever_its_line_breaks()
    {
        await using var server = await RecordedServer.StartAsync();
        var broken = Other.Replace(",\"", ",\r\n\"", StringComparison.Ordinal);
        server.On("GET", "sims?limit=50", 200, "application/json", $$"""{"items":[{{Sim}},{{broken}}],"next":null}""");

        var result = await server.RunAsync("sims", "list", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal($"{Sim}\n{Other}\n", result.Output);
    }

    [Fact]
    public async Task Filters_are_sent_as_they_are_called_in_the_API()
    {
        await using var server = await RecordedServer.StartAsync();
        var query = "sims?limit=7&account=AC00000000000000000000000000000001&status=ready&provider=p3&iccid=8942420000000000015";
        server.On("GET", query, 200, "application/json", """{"items":[],"next":null}""");

        var result = await server.RunAsync(
            "sims", "list", "--account", "AC00000000000000000000000000000001", "--status", "ready", "--provider", "p3",
            "--iccid", "8942420000000000015", "--limit", "7");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("/operator/v1/" + query, Assert.Single(server.Requests).Target);
    }

    [Fact]
    public async Task All_follows_the_cursor_to_the_last_page()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("GET", "sims?limit=500", 200, "application/json", $$"""{"items":[{{Sim}}],"next":"a&b"}""");
        server.On("GET", "sims?limit=500&after=a%26b", 200, "application/json", $$"""{"items":[{{Other}}],"next":null}""");

        var result = await server.RunAsync("sims", "list", "--all", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal($"{Sim}\n{Other}\n", result.Output);
    }

    [Fact]
    public async Task A_limit_ends_the_list_and_says_on_stderr_that_there_is_more()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("GET", "sims?limit=1", 200, "application/json", $$"""{"items":[{{Sim}}],"next":"more"}""");

        var result = await server.RunAsync("sims", "list", "--limit", "1", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal($"{Sim}\n", result.Output);
        Assert.Contains("There are more", result.Error, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("DE019b7ca98f2e70018a3c4e5f60718293")]
    [InlineData("sim_03236SRvZBGPbJrvzXPG3n")]
    public async Task Get_takes_either_id_and_prints_a_line_per_member(string id)
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("GET", $"sims/{id}", 200, "application/json", Sim);

        var result = await server.RunAsync("sims", "get", id);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("iccid               8942420000000000015\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("imsi                -\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("metadata.batch      2026-01\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("esimProfile.status  installed\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("narrowband          false\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_as_JSON_is_the_document_of_the_server()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("GET", "sims/sim_03236SRvZBGPbJrvzXPG3n", 200, "application/json", Sim);

        var result = await server.RunAsync("sims", "get", "sim_03236SRvZBGPbJrvzXPG3n", "--json");

        Assert.Equal((0, Sim + "\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task A_name_cannot_write_control_characters_to_the_terminal()
    {
        await using var server = await RecordedServer.StartAsync();
        var hostile = Sim.Replace("truck-7", @"a\u001b[31mb\nc", StringComparison.Ordinal);
        server.On("GET", "sims?limit=50", 200, "application/json", $$"""{"items":[{{hostile}}],"next":null}""");

        var result = await server.RunAsync("sims", "list");

        Assert.Contains("a?[31mb?c", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Output);
    }

    [Theory]
    [InlineData("activate")]
    [InlineData("suspend")]
    [InlineData("deactivate")]
    [InlineData("reset")]
    public async Task A_change_prints_the_operation_that_it_opens(string verb)
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("POST", $"sims/sim_03236SRvZBGPbJrvzXPG3n/{verb}", 202, "application/json", Operation);

        var plain = await server.RunAsync("sims", verb, "sim_03236SRvZBGPbJrvzXPG3n");
        var json = await server.RunAsync("sims", verb, "sim_03236SRvZBGPbJrvzXPG3n", "--json");

        Assert.Equal((0, ""), (plain.ExitCode, plain.Error));
        Assert.Contains("state  open\n", plain.Output, StringComparison.Ordinal);
        Assert.Equal((0, Operation + "\n"), (json.ExitCode, json.Output));
        Assert.All(server.Requests, request => Assert.Equal("{}", request.Body));
    }

    [Fact]
    public async Task A_rate_plan_goes_with_the_change()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("POST", "sims/DE019b7ca98f2e70018a3c4e5f60718293/activate", 202, "application/json", Operation);

        var result = await server.RunAsync("sims", "activate", "DE019b7ca98f2e70018a3c4e5f60718293", "--rate-plan", "plan \"7\"");

        Assert.Equal(0, result.ExitCode);
        var request = Assert.Single(server.Requests);
        Assert.StartsWith("application/json", request.ContentType, StringComparison.Ordinal);
        Assert.Equal("plan \"7\"", JsonDocument.Parse(request.Body).RootElement.GetProperty("ratePlan").GetString());
    }

    [Fact]
    public async Task A_change_that_the_server_refuses_is_a_failure()
    {
        await using var server = await RecordedServer.StartAsync();
        server.On("POST", "sims/sim_03236SRvZBGPbJrvzXPG3n/suspend", 409, "application/problem+json",
            """{"detail":"The SIM is suspended already.","code":"stateForbids"}""");

        var result = await server.RunAsync("sims", "suspend", "sim_03236SRvZBGPbJrvzXPG3n");

        Assert.Equal((1, "The SIM is suspended already. (409 stateForbids)"), (result.ExitCode, result.Error.Trim()));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("binary")]
    public async Task A_devices_Command_is_sent_as_it_was_given(string mode)
    {
        await using var server = await RecordedServer.StartAsync();
        const string sim = "DE019b7ca98f2e70018a3c4e5f60718293";
        const string command = $$"""{"sid":"DC019b7ca98f2e70018a3c4e5f60718293","sim":"{{sim}}","truncated":false}""";
        server.On("POST", "commands/inbound", 201, "application/json", command);
        string[] options = mode == "binary" ? ["--binary", "--json"] : ["--json"];

        var result = await server.RunAsync(["sims", "command-from", sim, "b24=", .. options]);

        Assert.Equal((0, command + "\n"), (result.ExitCode, result.Output));
        Assert.Equal($$"""{"sim":"{{sim}}","command":"b24=","mode":"{{mode}}"}""", Assert.Single(server.Requests).Body);
    }

    private static string[] Cells(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
