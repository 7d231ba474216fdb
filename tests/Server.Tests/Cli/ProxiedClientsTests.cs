using Simkeeper.Server.Tests.Peers;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>Clients that nobody here wrote and that cannot be given another host tell one story through <c>simkeeper proxy</c>.</summary>
[SqliteOnly]
public sealed class ProxiedClientsTests
{
    /// <summary>A SIM is found, gets a plan, becomes active, gets a Command, and leaves usage behind.</summary>
    private const string Story = """
        sims new,new,new
        sim new  true
        plan story true 500 true
        update story sim
        sim active true
        command on to_sim delivered
        commands 1
        usage 1 0
        sessions 0

        """;

    private const string WholeStory = Story + """
        events wireless-sim.updated,wireless-sim.updated true
        remove 409 20409
        remove true 404 20404
        account Full active

        """;

    [Theory]
    [InlineData("twilio3")]
    [InlineData("twilio4")]
    [InlineData("twilio5")]
    [InlineData("twilio")]
    public async Task Four_generations_of_Twilios_SDK_for_Node(string version) =>
        Assert.Equal(WholeStory, await ToldAsync(proxy => Peer.ReadNodeAsync("proxied-twilio.mjs", [version], proxy.Environment)));

    [Fact]
    public async Task Twilios_SDK_for_Python() =>
        Assert.Equal(WholeStory, await ToldAsync(proxy => Peer.ReadPythonAsync("proxied-twilio.py", "twilio", proxy.Environment)));

    [Fact]
    public async Task Twilios_SDK_for_NET() =>
        Assert.Equal(WholeStory, await ToldAsync(proxy => Peer.ReadBuiltAsync("TwilioPeer", proxy.Environment)));

    /// <summary>KORE's SDK has no Monitor and no accounts, and knows an error by its HTTP status only.</summary>
    [Fact]
    public async Task KOREs_SDK_for_Node() =>
        Assert.Equal(Story + "remove 409 409\nremove  404 404\n",
            await ToldAsync(proxy => Peer.ReadNodeAsync("proxied-kore.mjs", [], proxy.Environment)));

    [Fact]
    public async Task Twilio_CLI_logs_in_and_has_more_than_twenty_commands_that_work() =>
        Assert.Equal("26 commands\n", await ToldAsync(proxy => Peer.ReadNodeAsync("proxied-twilio-cli.mjs", [], proxy.Environment)));

    /// <summary>Runs a client against a fresh server through a proxy of its own.</summary>
    private static async Task<string> ToldAsync(Func<RunningProxy, Task<string>> run)
    {
        await using var server = await TestServer.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(server.Url);
        return await run(proxy);
    }
}
