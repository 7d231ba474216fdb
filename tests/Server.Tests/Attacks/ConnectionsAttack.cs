using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Somebody opens connections and sends nothing.</summary>
[Attack]
[SqliteOnly]
public sealed class ConnectionsAttack
{
    private const string Ready = "/health/ready", Sims = "/projects/sandbox/sims", Key = "Authorization: Bearer gpk_sandbox";

    [Theory]
    [StartsProgram]
    [InlineData(1024, 1224)]
    [InlineData(4096, 4296)]
    public async Task More_idle_connections_than_the_process_may_open_files_neither_end_it_nor_keep_others_out(int openFiles, int idle)
    {
        using var folder = new TestFolder();
        await using var server = await ServerProcess.StartAsync([], openFiles, ["--data", folder.Path]);
        var held = new List<RawConnection>();
        for (var i = 0; i < idle; i++)
            held.Add(await RawConnection.OpenAsync(server.Url, $"127.0.0.{2 + (i / 800)}"));

        Assert.Equal(200, await StatusAsync(server.Url, Ready));
        Assert.Equal(200, await StatusAsync(server.Url, Sims, Key));
        foreach (var connection in held)
            connection.Dispose();

        using var client = Calls.Client(server.Url, Calls.Bearer("gpk_sandbox"));
        (await Calls.UntilAsync(() => client.FetchAsync(Ready), answer => answer.Status == 200)).Is(200);
        (await client.FetchAsync(Sims)).Is(200);
    }

    [Fact]
    public async Task An_address_that_has_its_share_gives_up_its_oldest_idle_connection_for_a_new_one()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Http:ConnectionsPerAddress"] = "3" });
        using var other = await RawConnection.OpenAsync(server.Url);
        using var first = await RawConnection.OpenAsync(server.Url, "127.0.0.2");
        using var second = await RawConnection.OpenAsync(server.Url, "127.0.0.2");
        using var third = await RawConnection.OpenAsync(server.Url, "127.0.0.2");
        await Served(first, second, third);
        await Served(first);

        using var fourth = await RawConnection.OpenAsync(server.Url, "127.0.0.2");

        Assert.True(await second.IsClosedAsync());
        await Served(first, third, fourth, other);
    }

    [Fact]
    public async Task Where_all_are_idle_the_oldest_of_all_makes_room()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Http:ConnectionsMax"] = "16",
            ["Http:ConnectionsPerAddress"] = "16",
        });
        var idle = new List<RawConnection>();
        for (var i = 0; i < 40; i++)
            idle.Add(await RawConnection.OpenAsync(server.Url, "127.0.0.2"));

        using var late = await RawConnection.OpenAsync(server.Url);

        await Served(late);
        Assert.True(await idle[0].IsClosedAsync());
        idle.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public async Task An_address_that_opens_too_many_connections_in_a_second_is_refused_some_and_others_are_not()
    {
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Http:ConnectionsPerSecondPerAddress"] = "4" });
        var opened = new List<RawConnection>();
        for (var i = 0; i < 50; i++)
            opened.Add(await RawConnection.OpenAsync(server.Url, "127.0.0.2"));

        Assert.True(await opened[^1].IsClosedAsync());
        using var other = await RawConnection.OpenAsync(server.Url);
        await Served(opened[0], other);
        opened.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public async Task A_connection_on_which_a_request_is_worked_on_stays_and_a_new_one_is_closed()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Http:ConnectionsPerAddress"] = "1" });
        using var busy = await RawConnection.OpenAsync(server.Url, "127.0.0.2");
        await busy.AskAsync("POST", "/v1/RatePlans", "Authorization: " + Calls.Basic(TestServer.MasterSid, "sandbox-token"),
            "Content-Type: application/x-www-form-urlencoded", "Content-Length: 14", "Expect: 100-continue");
        Assert.Equal(100, (await busy.AnswerAsync()).Status);

        using var refused = await RawConnection.OpenAsync(server.Url, "127.0.0.2");
        Assert.True(await refused.IsClosedAsync());

        await busy.SendAsync("UniqueName=abc");
        Assert.Equal(201, (await busy.AnswerAsync()).Status);
    }

    [Fact]
    public async Task The_connections_of_a_trusted_proxy_are_not_counted_for_its_address()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Http:ConnectionsPerAddress"] = "1",
            ["Http:TrustedProxies"] = "127.0.0.1",
        });
        using var first = await RawConnection.OpenAsync(server.Url);
        using var second = await RawConnection.OpenAsync(server.Url);

        await Served(first, second, first);
    }

    private static async Task Served(params RawConnection[] connections)
    {
        foreach (var connection in connections)
        {
            await connection.AskAsync("GET", "/health/live");
            Assert.Equal(200, (await connection.AnswerAsync()).Status);
        }
    }

    private static async Task<int> StatusAsync(Uri url, string path, params string[] headers)
    {
        using var connection = await RawConnection.OpenAsync(url);
        await connection.AskAsync("GET", path, [.. headers, "Connection: close"]);
        return (await connection.AnswerAsync()).Status;
    }
}
