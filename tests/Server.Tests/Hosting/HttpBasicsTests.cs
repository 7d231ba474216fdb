using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Hosting;

/// <summary>HTTP that every API has in common: HEAD, Allow, content codings, Host.</summary>
public sealed class HttpBasicsTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private readonly TestServer _server = sandbox.Server;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("gigs", "/projects/sandbox/sims")]
    [InlineData("kore", "/v1/Sims")]
    [InlineData("operator", "/operator/v1/sims")]
    [InlineData("operator", "/health/ready")]
    [InlineData("operator", "/openapi/gigs.json")]
    public async Task HEAD_answers_as_GET_without_a_body(string api, string path)
    {
        var client = Client(api);
        using var got = await client.GetAsync(path, Cancelled);
        using var headed = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Cancelled);

        Assert.Equal(HttpStatusCode.OK, headed.StatusCode);
        Assert.Equal(got.Content.Headers.ContentLength ?? 0, headed.Content.Headers.ContentLength ?? 0);
        Assert.Equal(got.Content.Headers.ContentType, headed.Content.Headers.ContentType);
        Assert.Empty(await headed.Content.ReadAsByteArrayAsync(Cancelled));
    }

    [Fact]
    public async Task HEAD_of_the_stream_ends()
    {
        using var headed = await _server.Operator.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/operator/v1/stream"), Cancelled);

        Assert.Equal(HttpStatusCode.OK, headed.StatusCode);
    }

    [Theory]
    [InlineData("kore", "PUT", "/v1/Sims/DE00000000000000000000000000000001", "GET", "HEAD", "POST", "DELETE")]
    [InlineData("kore", "DELETE", "/v1/Sims", "GET", "HEAD")]
    [InlineData("operator", "PATCH", "/operator/v1/accounts", "GET", "POST")]
    public async Task A_wrong_method_is_told_which_are_right(string api, string method, string path, params string[] allowed)
    {
        using var answer = await Client(api).SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Cancelled);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Empty(allowed.Except(answer.Content.Headers.Allow));
        Assert.DoesNotContain(method, answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("gigs", "PATCH", "/projects/sandbox/sims/{id}", "application/json")]
    [InlineData("kore", "POST", "/v1/Sims/{sid}", "application/x-www-form-urlencoded")]
    [InlineData("operator", "POST", "/operator/v1/accounts", "application/json")]
    [InlineData("operator", "POST", "/operator/v1/usage", "application/json")]
    [InlineData("operator", "POST", "/operator/v1/accounts/AC00000000000000000000000000000001/sims/import", "text/csv")]
    public async Task An_unknown_content_coding_is_refused_by_its_name(string api, string method, string path, string type)
    {
        var sim = await _server.SimAsync();
        var id = (await _server.Operator.FetchAsync($"/operator/v1/sims/{sim}"))["id"];
        using var request = new HttpRequestMessage(new HttpMethod(method), path.Replace("{id}", id).Replace("{sid}", sim));
        request.Content = new ByteArrayContent([1, 2, 3]);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Content.Headers.ContentEncoding.Add("br");

        using var answer = await Client(api).SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Contains("Content-Encoding br", await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_is_taken_packed_with_gzip()
    {
        var sim = await _server.SimAsync();
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        var report = new { sim, session = "1", start = now, at = now, uploadedBytes = 1, downloadedBytes = 2 };

        Assert.Equal("1", (await UsageAsync(Packed(Encoding.UTF8.GetBytes(TestJson.Text(new[] { report }))))).Is(200)["taken"]);
        (await UsageAsync([1, 2, 3, 4])).Is(400);
    }

    [Fact]
    public async Task A_body_that_unpacks_to_more_than_is_allowed_is_refused_early()
    {
        var bomb = Packed(new byte[64 * 1024 * 1024]);

        (await UsageAsync(bomb)).Is(413);
    }

    [Theory]
    [InlineData("gigs", "/projects/sandbox/sims")]
    [InlineData("kore", "/v1/Sims")]
    [InlineData("operator", "/operator/v1/sims")]
    [InlineData("operator", "/openapi/operator.json")]
    public async Task A_long_answer_is_compressed_for_those_who_ask(string api, string path)
    {
        var plain = await Client(api).GetByteArrayAsync(path, Cancelled);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.AcceptEncoding.ParseAdd("gzip");

        using var answer = await Client(api).SendAsync(request, Cancelled);

        Assert.Equal("gzip", answer.Content.Headers.ContentEncoding.Single());
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        await using var unpacked = new GZipStream(await answer.Content.ReadAsStreamAsync(Cancelled), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        await unpacked.CopyToAsync(bytes, Cancelled);
        Assert.Equal(plain, bytes.ToArray());
    }

    [Fact]
    public async Task A_short_answer_is_not_compressed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/operator/v1/clock");
        request.Headers.AcceptEncoding.ParseAdd("gzip, br");

        using var answer = await _server.Operator.SendAsync(request, Cancelled);

        Assert.Empty(answer.Content.Headers.ContentEncoding);
    }

    [Theory]
    [InlineData("evil.example", 421)]
    [InlineData("127.0.0.1.evil.example", 421)]
    [InlineData("192.0.2.1", 421)]
    [InlineData("localhost", 200)]
    [InlineData("LOCALHOST:8080", 200)]
    [InlineData("[::1]:8080", 200)]
    [InlineData("127.0.0.2", 200)]
    [InlineData("twin.example", 200)]
    [InlineData("public.example:444", 200)]
    public async Task A_sandbox_answers_only_to_names_it_is_known_by(string host, int status)
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Http:Hosts"] = "other.example, Twin.example",
            ["Http:PublicUrl"] = "https://public.example",
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/operator/v1/clock");
        request.Headers.Host = host;

        using var answer = await server.Operator.SendAsync(request, Cancelled);

        Assert.Equal(status, (int)answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.Equal(status == 421, text.Contains("\"code\":\"unknownHost\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Outside_a_sandbox_every_Host_is_answered()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Sandbox:Enabled"] = "false" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live");
        request.Headers.Host = "sims.example";

        using var answer = await server.Anonymous.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<Answer> UsageAsync(byte[] packed)
    {
        var content = new ByteArrayContent(packed);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        return await _server.Operator.CallAsync(HttpMethod.Post, "/operator/v1/usage", content);
    }

    private HttpClient Client(string api) => api switch { "gigs" => _server.Gigs, "kore" => _server.Kore, _ => _server.Operator };

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(bytes);
        return packed.ToArray();
    }
}
