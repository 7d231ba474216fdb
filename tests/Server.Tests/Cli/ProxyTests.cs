using System.Net;
using System.Net.Http.Headers;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary><c>simkeeper proxy</c> between a client and a server.</summary>
[StartsProgram, SqliteOnly]
public sealed class ProxyTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Sims = "https://wireless.twilio.com/v1/Sims?PageSize=1";
    private const string Client =
        "client_id=sandbox-client-0001&client_secret=sandbox-secret-000000000000000001&grant_type=client_credentials";
    private readonly TestServer _server = sandbox.Server;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https://api.twilio.com/2010-04-01/Accounts.json")]
    [InlineData(Sims)]
    [InlineData("https://WIRELESS.twilio.com/v1/RatePlans")]
    [InlineData("https://monitor.twilio.com/v1/Events")]
    [InlineData("https://programmable-wireless.api.korewireless.com/v1/Sims")]
    [InlineData("https://api.gigs.com/projects/sandbox/sims", "gpk_sandbox")]
    public async Task A_client_that_trusts_the_CA_reaches_the_server_by_the_names_of_others(string url, string? key = null)
    {
        await using var proxy = await RunningProxy.StartAsync(_server.Url);
        using var client = proxy.Client();
        client.DefaultRequestHeaders.Authorization = key is null ? Calls.Basic(TestServer.MasterSid, "sandbox-token") : Calls.Bearer(key);

        (await client.FetchAsync(url)).Is(200);

        Assert.Equal(401, (await proxy.Client().FetchAsync(url)).Status);
    }

    [Fact]
    public async Task A_form_is_forwarded_and_a_page_leads_to_the_server_itself()
    {
        await using var proxy = await RunningProxy.StartAsync(_server.Url);
        using var client = proxy.Client();
        using var form = new StringContent(Client, new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        using var answer = await client.PostAsync("https://api.korewireless.com/api-services/v1/auth/token", form, Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        client.DefaultRequestHeaders.Authorization = Calls.Basic(TestServer.MasterSid, "sandbox-token");

        var next = (await client.FetchAsync(Sims)).Json.GetProperty("meta").GetProperty("next_page_url").GetString()!;

        Assert.StartsWith(_server.Url.ToString(), next, StringComparison.Ordinal);
        (await client.FetchAsync(next)).Is(200);
    }

    [Fact]
    public async Task Requests_of_one_connection_share_it()
    {
        await using var proxy = await RunningProxy.StartAsync(_server.Url);
        var connections = 0;
        using var client = proxy.Client(() => connections++);
        client.DefaultRequestHeaders.Authorization = Calls.Basic(TestServer.MasterSid, "sandbox-token");

        for (var i = 0; i < 3; i++)
            (await client.FetchAsync(Sims)).Is(200);

        Assert.Equal(1, connections);
    }

    [Fact]
    public async Task A_request_arrives_as_it_was_sent_but_for_what_belongs_to_its_connection()
    {
        await using var receiver = await Receiver.StartAsync(async (_, context) =>
        {
            context.Response.StatusCode = 409;
            context.Response.Headers.Append("X-Answer", "1");
            context.Response.Headers.Append("X-Answer", "2");
            await context.Response.WriteAsync("as it is");
        });
        await using var proxy = await RunningProxy.StartAsync(new Uri(receiver.Url));
        using var client = proxy.Client();
        var unchanged = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using var request = new HttpRequestMessage(
            HttpMethod.Patch, new Uri("https://a.b.twilio.com/v1/%7Ea%2Fb/../c?x=%41&y=a+b", unchanged));
        request.Headers.Add("X-Mine", "7");
        request.Headers.Add("Proxy-Authorization", "Basic c2VjcmV0");
        request.Content = new StringContent("""{"a":1}""", new MediaTypeHeaderValue("application/json"));

        using var answer = await client.SendAsync(request, Cancelled);

        Assert.Equal((409, "as it is"), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled)));
        Assert.Equal(["1", "2"], answer.Headers.GetValues("X-Answer"));
        var got = Assert.Single(receiver.All);
        Assert.Equal(("PATCH", """{"a":1}""", "7"), (got.Method, got.Body, got.Headers["X-Mine"]));
        Assert.Equal("application/json", got.Headers["Content-Type"]);
        Assert.Equal(new Uri(receiver.Url).Authority, got.Headers["Host"]);
        Assert.DoesNotContain("Proxy-Authorization", got.Headers.Keys);
        Assert.EndsWith("?x=%41&y=a+b", got.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_host_is_refused_with_the_names_of_those_that_are_served()
    {
        await using var proxy = await RunningProxy.StartAsync(_server.Url);
        string[] requests =
        [
            "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n",
            "CONNECT twilio.com.example.com:443 HTTP/1.1\r\n\r\n",
            "CONNECT eviltwilio.com:443 HTTP/1.1\r\n\r\n",
            "CONNECT .twilio.com:443 HTTP/1.1\r\n\r\n",
            "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n",
            $"GET / HTTP/1.1\r\nHost: {proxy.Url.Authority}\r\n\r\n",
        ];

        foreach (var request in requests)
        {
            var answer = await proxy.RawAsync(request);
            Assert.StartsWith("HTTP/1.1 403 Forbidden\r\n", answer, StringComparison.Ordinal);
            Assert.Contains("*.twilio.com, *.korewireless.com, api.gigs.com", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_request_for_a_served_host_needs_no_tunnel()
    {
        await using var proxy = await RunningProxy.StartAsync(_server.Url);
        var basic = Calls.Basic(TestServer.MasterSid, "sandbox-token");

        foreach (var (url, host) in new[] { (Sims, "wireless.twilio.com"), ($"{_server.Url}v1/Sims", _server.Url.Authority) })
        {
            var answer = await proxy.RawAsync(
                $"GET {url} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {basic}\r\nConnection: close\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_request_that_is_wrong_or_too_long_is_refused()
    {
        await using var proxy = await RunningProxy.StartAsync(_server.Url);

        var tooMuch = $"POST {Sims} HTTP/1.1\r\nHost: wireless.twilio.com\r\nContent-Length: 67108865\r\nConnection: close\r\n\r\n";
        (string Status, string[] Sent)[] cases =
        [
            ("400", ["CONNECT nothing HTTP/1.1\r\n\r\n"]),
            ("400", [$"CONNECT a.twilio.com:443 HTTP/1.1\r\nX: {new string('x', 9_000)}"]),
            ("403", ["CONN", "ECT exa", "mple.com:443 HTTP/1.1\r\n", "\r", "\n"]),
            ("413", [tooMuch]),
        ];

        foreach (var (status, sent) in cases)
            Assert.StartsWith($"HTTP/1.1 {status} ", await proxy.RawAsync(sent), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_CA_is_made_once_and_only_its_owner_can_read_its_key()
    {
        using var folder = new TestFolder();
        var ca = folder.Of("ca");
        byte[] first;
        await using (var proxy = await RunningProxy.StartAsync(_server.Url, ca))
        {
            first = await File.ReadAllBytesAsync(proxy.Certificate, Cancelled);
            Assert.DoesNotContain("PRIVATE", System.Text.Encoding.ASCII.GetString(first), StringComparison.Ordinal);
            Assert.Contains(proxy.Certificate, proxy.Told, StringComparison.Ordinal);
        }
        await using (var again = await RunningProxy.StartAsync(_server.Url, ca))
            Assert.Equal(first, await File.ReadAllBytesAsync(again.Certificate, Cancelled));

        Assert.Equal(["ca.key", "ca.pem"], Directory.GetFiles(ca).Select(Path.GetFileName).Order());
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal("600", Mode(Path.Combine(ca, "ca.key")));
        Assert.Equal("700", Mode(ca));
    }

    [Fact]
    public async Task The_CA_vouches_for_no_other_host_even_if_its_key_gets_lost()
    {
        await using var proxy = await RunningProxy.StartAsync(_server.Url);
        using var lost = X509Certificate2.CreateFromPemFile(Path.Combine(proxy.Folder, "ca.key"));

        Assert.True(IsTrusted(lost, names => names.AddDnsName("wireless.twilio.com")));
        Assert.False(IsTrusted(lost, names => names.AddDnsName("example.com")));
        Assert.False(IsTrusted(lost, names => names.AddIpAddress(IPAddress.Loopback)));
    }

    [Fact]
    public async Task Other_names_are_served_if_they_are_given_by_a_CA_that_is_for_them()
    {
        using var folder = new TestFolder();
        await using (var proxy = await RunningProxy.StartAsync(_server.Url, folder.Of("a"), "--hosts", "sims.example.com,*.example.net"))
        {
            using var client = proxy.Client();
            client.DefaultRequestHeaders.Authorization = Calls.Basic(TestServer.MasterSid, "sandbox-token");
            (await client.FetchAsync("https://sims.example.com/v1/Sims")).Is(200);
            (await client.FetchAsync("https://a.example.net/v1/Sims")).Is(200);
            Assert.Contains(" 403 ", await proxy.RawAsync("CONNECT example.net:443 HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        }

        var refused = await Cli.RunAsync("proxy", "--listen", "127.0.0.1:0", "--ca", folder.Of("a"), "--hosts", "example.org");

        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("is not for example.org", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_away_is_an_answer_that_says_so()
    {
        await using var proxy = await RunningProxy.StartAsync(new Uri("http://127.0.0.1:1"));
        using var client = proxy.Client();

        var answer = (await client.FetchAsync(Sims)).Is(502);

        Assert.Contains("Cannot talk to http://127.0.0.1:1:", answer["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--listen", "127.0.0.1")]
    [InlineData("--listen", "nonsense:8888")]
    [InlineData("--hosts", "localhost")]
    [InlineData("--hosts", "*.com")]
    [InlineData("--hosts", "10.0.0.1")]
    [InlineData("--url", "nonsense")]
    public async Task Wrong_use_exits_with_2(string option, string value)
    {
        var result = await Cli.RunAsync("proxy", option, value);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(option, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_a_failure_in_one_line()
    {
        await using var proxy = await RunningProxy.StartAsync(_server.Url);

        var result = await Cli.RunAsync("proxy", "--listen", proxy.Url.Authority, "--ca", proxy.Folder);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"Cannot listen on {proxy.Url.Authority}", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    [UnsupportedOSPlatform("windows")]
    private static string Mode(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);

    /// <summary>True if a chain from a certificate for these names holds for whoever trusts the authority.</summary>
    private static bool IsTrusted(X509Certificate2 authority, Action<SubjectAlternativeNameBuilder> add)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        add(names);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, authority.NotBefore, authority.NotBefore.AddDays(30), [1, 2, 3]);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        return chain.Build(certificate);
    }
}
