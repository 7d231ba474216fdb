using System.Text;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Fuzz;

/// <summary>Bodies that fuzzing has found to be answered wrongly, kept.</summary>
public sealed class BrokenBodiesTests
{
    private static readonly string Kore = $"{Calls.Basic(TestServer.MasterSid, "sandbox-token")}";

    [Theory]
    [InlineData("""{"\ud800":"v"}""")]
    [InlineData("""{"metadata":{"\ud800":"v"}}""")]
    [InlineData("""{"metadata":{"a\udc00":"v","b":"w"}}""")]
    [InlineData("""{"metadata":{"k":"\ud800"}}""")]
    [InlineData("{\"metadata\":{\"\u00ff\":\"v\"}}")]
    public async Task A_body_that_is_no_Unicode_is_malformed(string latin1)
    {
        await using var server = await TestServer.StartAsync();
        var sim = (await server.Gigs.FetchAsync("/projects/sandbox/sims?limit=1")).Is(200).Each("id")[0];
        var body = new ByteArrayContent(Encoding.Latin1.GetBytes(latin1));

        var answer = await server.Gigs.CallAsync(HttpMethod.Patch, $"/projects/sandbox/sims/{sim}", body);

        Assert.Contains("\"malformed\"", answer.Is(400).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST /projects/sandbox/sims/search", "Bearer gpk_sandbox", 422, "\"invalid\"")]
    [InlineData("POST /v1/Sims/x", null, 413, "20001")]
    [InlineData("POST /operator/v1/accounts", "Bearer skop_sandbox", 413, "\"bodyTooLarge\"")]
    public async Task A_body_in_chunks_that_grows_too_large_is_refused_as_one_with_a_length_is(string line, string? authorization,
        int status, string code)
    {
        var answer = await SendAsync(line, authorization,
            $"Transfer-Encoding: chunked\r\n\r\n20000\r\n{new string('x', 0x20000)}\r\n0\r\n\r\n");

        Assert.Equal(status, answer.Status);
        Assert.Contains(code, answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST /projects/sandbox/sims/search", "Bearer gpk_sandbox", "\"malformed\"")]
    [InlineData("POST /v1/Sims/x", null, "20001")]
    [InlineData("POST /operator/v1/accounts", "Bearer skop_sandbox", "\"malformed\"")]
    public async Task A_body_in_broken_chunks_is_the_clients_fault(string line, string? authorization, string code)
    {
        var answer = await SendAsync(line, authorization, "Transfer-Encoding: chunked\r\n\r\nzz\r\n");

        Assert.Equal(400, answer.Status);
        Assert.Contains(code, answer.Body, StringComparison.Ordinal);
    }

    private static async Task<RawAnswer> SendAsync(string line, string? authorization, string rest)
    {
        await using var server = await TestServer.StartAsync();
        var request = $"{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: {authorization ?? Kore}\r\n{rest}";
        var answer = await RawHttp.SendAsync(
            server.Url, new OddRequest(Encoding.Latin1.GetBytes(request), EndsEarly: false, IsCut: false), TimeSpan.FromSeconds(5),
                TestContext.Current.CancellationToken);
        Assert.DoesNotContain(server.Log.Lines, logged => logged.StartsWith("Error", StringComparison.Ordinal));
        return answer;
    }
}
