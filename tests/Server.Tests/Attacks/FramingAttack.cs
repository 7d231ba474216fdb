using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Requests whose bodies do not arrive as their headers promise.</summary>
[Attack]
[SqliteOnly]
public sealed class FramingAttack(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Chunked = "Transfer-Encoding: chunked";
    private readonly TestServer _server = sandbox.Server;

    private static (string Line, string Credential, string Type)[] Requests(string sim) =>
    [
        ($"PATCH /projects/sandbox/sims/{Fleet.GigsId(sim)}", "Bearer gpk_sandbox", "application/json"),
        ("POST /projects/sandbox/sims/search", "Bearer gpk_sandbox", "application/json"),
        ($"POST /v1/Sims/{sim}", Calls.Basic(TestServer.MasterSid, "sandbox-token").ToString(), "application/x-www-form-urlencoded"),
        ("POST /v1/secrets", Calls.Basic(TestServer.MasterSid, "sandbox-token").ToString(), "application/json"),
        ("POST /api-services/v1/auth/token", "", "application/x-www-form-urlencoded"),
        ("POST /operator/v1/accounts", "Bearer skop_sandbox", "application/json"),
        ("POST /operator/v1/usage", "Bearer skop_sandbox", "application/json"),
        ($"POST /operator/v1/accounts/{TestServer.MasterSid}/sims/import", "Bearer skop_sandbox", "text/csv"),
    ];

    /// <param name="status">0: the rest of the body is awaited, so that any refusal, or none, may come.</param>
    [Theory]
    [InlineData(Chunked, "FFFFFFFFFFFFFFFF\r\n", 400)]
    [InlineData(Chunked, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\r\n", 400)]
    [InlineData(Chunked, "7FFFFFFFFFFFFFFF\r\nab", 0)]
    [InlineData(Chunked, "8000000000000000\r\nab", 400)]
    [InlineData(Chunked, "-1\r\nab\r\n", 400)]
    [InlineData(Chunked, "zz\r\nab\r\n", 400)]
    [InlineData(Chunked, "\r\nab\r\n", 400)]
    [InlineData(Chunked, "2\r\nabcd\r\n", 400)]
    [InlineData(Chunked, "2 \r\nab\r\n0\r\n\r\n", 0)]
    [InlineData("Content-Length: -1", "ab", 400)]
    [InlineData("Content-Length: 99999999999999999999", "ab", 400)]
    [InlineData("Content-Length: 2\r\nContent-Length: 3", "abc", 400)]
    [InlineData("Content-Length: 9223372036854775807", "ab", 0)]
    [InlineData("Transfer-Encoding: gzip", "ab", 400)]
    [InlineData("Transfer-Encoding: chunked, gzip", "ab", 400)]
    public async Task A_body_with_wrong_framing_is_the_client_s_fault_and_leaves_nothing_in_the_log(string framing, string body, int status)
    {
        var before = _server.Log.Lines.Count;
        foreach (var (line, credential, type) in Requests(await _server.SimAsync()))
        {
            using var connection = await RawConnection.OpenAsync(_server.Url);
            await connection.SendAsync($"{line} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\n"
                + $"{(credential.Length > 0 ? $"Authorization: {credential}\r\n" : "")}Connection: close\r\n{framing}\r\n\r\n{body}");
            // Whoever closes its side is gone for the server, which may then leave the answer out.
            if (status == 0)
                connection.EndSending();
            var (got, text) = await connection.AnswerAsync();
            Assert.True(status == 0 ? got is 0 or (>= 400 and < 500) : got == status, $"{line}: {got} {text}");
        }
        Assert.DoesNotContain(_server.Log.Lines.Skip(before), line => line.Contains("Exception", StringComparison.Ordinal)
            || line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal));
    }
}
