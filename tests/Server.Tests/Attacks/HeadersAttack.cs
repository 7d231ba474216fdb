using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Caches keep secrets, browsers guess types, proxies repeat what callers say.</summary>
[Attack]
[SqliteOnly]
public sealed class HeadersAttack : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(new Dictionary<string, string?>
    {
        ["Http:TrustedProxies"] = "127.0.0.1",
        ["Http:Hosts"] = "sims.example",
    });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("/projects/sandbox/sims")]
    [InlineData("/projects/none/sims")]
    [InlineData("/v1/Sims")]
    [InlineData("/v1/none")]
    [InlineData("/api-services/v1/auth/token")]
    [InlineData("/operator/v1/sims")]
    [InlineData("/operator/v1/none")]
    [InlineData("/openapi/gigs.json")]
    [InlineData("/health/ready")]
    [InlineData("/qrcode/none.png")]
    [InlineData("/none")]
    public async Task Every_answer_forbids_to_guess_its_type(string path)
    {
        foreach (var client in (HttpClient[])[_server.Gigs, _server.Kore, _server.Operator, _server.Anonymous])
            Assert.Equal(["nosniff"], (await client.FetchAsync(path)).Headers.GetValues("X-Content-Type-Options"));
    }

    [Fact]
    public async Task No_answer_with_a_secret_may_be_stored()
    {
        var sim = (await _server.Gigs.FetchAsync("/projects/sandbox/sims?type=eSIM")).Is(200).Each("id")[0];
        var credentials = (await _server.Gigs.FetchAsync($"/projects/sandbox/sims/{sim}/credentials")).Is(200);
        var hook = (await _server.Operator.JsonAsync("/operator/v1/webhook-endpoints",
            $$"""{"account":"{{TestServer.MasterSid}}","url":"http://127.0.0.1:1/"}""")).Is(201);
        const string keys = $"/2010-04-01/Accounts/{TestServer.MasterSid}/Keys", account = $"/2010-04-01/Accounts/{TestServer.MasterSid}";
        Answer[] secrets =
        [
            credentials,
            await _server.Anonymous.FetchAsync(new Uri(credentials["qrCodeUrl"]!).AbsolutePath),
            hook,
            await _server.Operator.JsonAsync($"/operator/v1/webhook-endpoints/{hook["id"]}/rotate-secret", ""),
            await _server.Operator.JsonAsync("/operator/v1/accounts", """{"name":"Own","project":"of-this-test"}"""),
            await _server.Operator.JsonAsync($"/operator/v1/accounts/{TestServer.MasterSid}/keys", """{"kind":"gigs"}"""),
            await _server.Operator.JsonAsync("/operator/v1/operator-keys", "{}"),
            await _server.Kore.FormAsync(keys, ("FriendlyName", "x")),
            await _server.Kore.FormAsync("/v1/secrets", ("Name", "x")),
            await _server.Kore.FetchAsync(account),
            await _server.Kore.FormAsync(account, ("FriendlyName", "x")),
            await _server.Kore.FormAsync("/2010-04-01/Accounts", ("FriendlyName", "x")),
            await _server.Anonymous.FormAsync("/api-services/v1/auth/token", ("grant_type", "client_credentials"),
                ("client_id", "sandbox-client"), ("client_secret", "sandbox-secret")),
        ];

        Assert.All(secrets, answer => Assert.InRange(answer.Status, 200, 299));
        Assert.All(secrets, answer => Assert.True(answer.Headers.CacheControl is { NoStore: true }, answer.Text));
    }

    [Theory]
    [InlineData("X-Forwarded-Proto", "javascript")]
    [InlineData("X-Forwarded-Proto", "https:")]
    [InlineData("X-Forwarded-Proto", "http, ftp")]
    [InlineData("X-Forwarded-Proto", "")]
    [InlineData("X-Forwarded-Host", "sims.example/path?")]
    [InlineData("X-Forwarded-Host", "a b")]
    [InlineData("X-Forwarded-Host", "user@sims.example")]
    [InlineData("X-Forwarded-Host", "sims.example:99999")]
    [InlineData("X-Forwarded-Host", "sims.example:+1")]
    [InlineData("X-Forwarded-Host", "<script>")]
    [InlineData("X-Forwarded-Prefix", "/evil")]
    public async Task What_a_proxy_repeats_is_ignored_unless_it_is_a_scheme_or_a_host(string header, string value)
    {
        var sim = await _server.SimAsync();

        var answer = await _server.Kore.FetchAsync($"/v1/Sims/{sim}", (header, value));

        Assert.Equal($"{_server.Url}v1/Sims/{sim}", answer.Is(200)["url"]);
    }

    [Fact]
    public async Task A_scheme_and_a_host_of_a_proxy_count()
    {
        var sim = await _server.SimAsync();

        var answer = await _server.Kore.FetchAsync(
            $"/v1/Sims/{sim}", ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example, sims.example:8443"));

        Assert.Equal($"https://sims.example:8443/v1/Sims/{sim}", answer.Is(200)["url"]);
    }

    [Theory]
    [InlineData("a'b")]
    [InlineData("localhost:99999")]
    [InlineData("localhost:0")]
    [InlineData("a b")]
    [InlineData("%00")]
    [InlineData("user@localhost")]
    public async Task A_Host_that_is_none_is_refused_in_a_sandbox_and_outside(string host)
    {
        await using var production = await TestServer.StartAsync(new Dictionary<string, string?> { ["Sandbox:Enabled"] = "false" });
        foreach (var server in (TestServer[])[_server, production])
        {
            using var connection = await RawConnection.OpenAsync(server.Url);
            await connection.SendAsync($"GET /v1/Sims HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            Assert.Equal(400, (await connection.AnswerAsync()).Status);
        }
    }
}
