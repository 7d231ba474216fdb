using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>A web page that its user happens to look at uses the sandbox on the user's machine, whose keys everybody knows.</summary>
[Attack]
[SqliteOnly]
public sealed class BrowserAttack(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Origin = "Access-Control-Allow-Origin";
    private static readonly string[] Lists = ["/projects/sandbox/sims", "/v1/Sims", "/v1/Events", "/v1/Alerts", "/operator/v1/deliveries"];
    private readonly TestServer _server = sandbox.Server;

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://127.0.0.1.evil.example")]
    [InlineData("http://localhost.evil.example:8080")]
    [InlineData("http://192.0.2.1")]
    [InlineData("http://10.0.0.1")]
    [InlineData("file://localhost")]
    [InlineData("null")]
    [InlineData("")]
    public async Task A_foreign_page_reads_nothing_and_changes_nothing(string origin)
    {
        var sim = await _server.SimAsync();
        foreach (var list in Lists)
        {
            foreach (var client in (HttpClient[])[_server.Gigs, _server.Kore, _server.Operator])
                Refused(await client.FetchAsync(list, ("Origin", origin)));
            Refused(await _server.Anonymous.CallAsync("OPTIONS", list, null,
                ("Origin", origin), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "authorization")));
        }

        // A form needs no preflight, and a link may bear the credentials.
        using var form = new FormUrlEncodedContent([new("FriendlyName", "changed")]);
        Refused(await _server.Kore.CallAsync(HttpMethod.Post, $"/v1/Sims/{sim}", form, ("Origin", origin)));
        Assert.NotEqual("changed", (await _server.Kore.FetchAsync($"/v1/Sims/{sim}"))["friendly_name"]);
    }

    [Theory]
    [InlineData("http://localhost:3000")]
    [InlineData("https://app.localhost")]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://[::1]:5173")]
    public async Task A_page_of_this_machine_is_named(string origin)
    {
        (HttpClient, string)[] reads = [(_server.Gigs, Lists[0]), (_server.Kore, Lists[1]), (_server.Kore, Lists[2])];
        foreach (var (client, list) in reads)
        {
            var answer = (await client.FetchAsync(list, ("Origin", origin))).Is(200);
            Assert.Equal([origin], answer.Headers.GetValues(Origin));
            Assert.Contains("Origin", answer.Headers.Vary);
        }
        var preflight = await _server.Anonymous.CallAsync("OPTIONS", Lists[0], null, ("Origin", origin));
        Assert.Equal([origin], preflight.Is(204).Headers.GetValues(Origin));
    }

    [Fact]
    public async Task Without_an_origin_nobody_is_named()
    {
        foreach (var list in Lists)
            Assert.False((await _server.Kore.FetchAsync(list)).Headers.Contains(Origin));
        Assert.False((await _server.Anonymous.FetchAsync("/openapi/gigs.json")).Headers.Contains(Origin));
    }

    [Fact]
    public async Task The_operator_API_names_nobody_at_all() =>
        Assert.False((await _server.Operator.FetchAsync("/operator/v1/deliveries", ("Origin", "http://localhost:3000")))
            .Is(200).Headers.Contains(Origin));

    [Fact]
    public async Task Origins_that_are_named_in_the_settings_may_read_in_a_sandbox_and_outside_it_only_they_may()
    {
        foreach (var isSandbox in (string[])["true", "false"])
        {
            await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
            {
                ["Sandbox:Enabled"] = isSandbox,
                ["Http:Cors"] = "https://shop.example, https://other.example:8443",
            });
            Assert.Equal(["https://shop.example"],
                (await server.Anonymous.FetchAsync("/v1/Sims", ("Origin", "https://shop.example"))).Is(401).Headers.GetValues(Origin));
            Assert.False((await server.Anonymous.FetchAsync("/v1/Sims", ("Origin", "https://evil.example"))).Headers.Contains(Origin));
        }
    }

    [Fact]
    public async Task Outside_a_sandbox_every_page_may_read_as_the_specifications_have_it()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Sandbox:Enabled"] = "false" });

        foreach (var list in Lists[..4])
            Assert.Equal(["*"], (await server.Anonymous.FetchAsync(list, ("Origin", "https://any.example"))).Headers.GetValues(Origin));
    }

    private static void Refused(Answer answer)
    {
        Assert.Equal("unknownOrigin", answer.Is(403)["code"]);
        Assert.False(answer.Headers.Contains(Origin));
    }
}
