using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Dialects.Gigs.Sandbox;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>
/// Browsers may call the dialect from any page that the server allows, outside a sandbox from every page: its keys travel in a header,
/// never in a cookie.
/// </summary>
public sealed class CorsTests : IAsyncLifetime
{
    private static readonly (string, string) Origin = ("Origin", "https://shop.example");
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Http:Cors"] = "*" });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(SimsPath, "GET", "authorization,accept")]
    [InlineData(SimsPath + "/search", "POST", "authorization,content-type,idempotency-key")]
    [InlineData(SimsPath + "/sim_0000000000000000000000", "PATCH", "authorization,content-type")]
    [InlineData("/projects/nope//sims", "GET", "authorization,cache")]
    public async Task A_preflight_needs_no_key_and_allows_what_the_dialect_takes(string path, string method, string headers)
    {
        var answer = await _server.Anonymous.CallAsync(
            "OPTIONS", path, null, Origin, ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers));
        Assert.Equal((204, ""), (answer.Status, answer.Text));
        Assert.Equal("*", Header(answer, "Access-Control-Allow-Origin"));
        Assert.Contains(method, Header(answer, "Access-Control-Allow-Methods")!.Split(", "));
        var allowed = Header(answer, "Access-Control-Allow-Headers")!.ToLowerInvariant().Split(", ");
        Assert.All(headers.Split(','), header => Assert.Contains(header, allowed));
        Assert.Null(Header(answer, "Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData("GET", SimsPath, null, 200)]
    [InlineData("GET", SimsPath + "?foo=1", null, 422)]
    [InlineData("GET", SimsPath + "/sim_x", null, 404)]
    [InlineData("POST", SimsPath + "/search", "{", 400)]
    [InlineData("POST", SimsPath + "/search", """{"iccid":"8988307777777777777"}""", 200)]
    public async Task Every_answer_can_be_read_by_any_page(string method, string path, string? body, int status)
    {
        var answer = await _server.Gigs.CallAsync(method, path, body, Origin);
        Assert.Equal((status, "*"), (answer.Status, Header(answer, "Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task A_refused_key_can_be_read_by_any_page()
    {
        var answer = await _server.Anonymous.FetchAsync(SimsPath, Origin);
        Assert.Equal((401, "*"), (answer.Status, Header(answer, "Access-Control-Allow-Origin")));
    }

    private static string? Header(Answer answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
