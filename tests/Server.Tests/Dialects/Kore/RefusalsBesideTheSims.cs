using System.Text;
using System.Text.RegularExpressions;
using Simkeeper.Server.Tests.Peers;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

/// <summary>Every code that docs/errors.md lists for accounts, tokens, webhook secrets and Monitor, and a request that gets it.</summary>
public sealed partial class RefusalsBesideTheSims(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    public static TheoryData<string, string, int, int> Rows { get; } = new()
    {
        { "master", "GET /2010-04-01/Accounts.json?Status=asleep", 400, 20001 },
        { "master", "GET /v1/Events?StartDate=soon", 400, 20001 },
        { "master", "GET /v1/secrets?page_size=0", 400, 20001 },
        { "master", "POST /2010-04-01/Accounts.json FriendlyName={70000}", 413, 20001 },
        { "master", "POST /2010-04-01/Accounts.json {}", 415, 20001 },
        { "master", "POST /v1/secrets {}", 400, 20002 },
        { "nobody", "GET /2010-04-01/Accounts.json", 401, 20003 },
        { "sub", "GET /2010-04-01/Accounts/{master}.json", 401, 20003 },
        { "sub", "POST /2010-04-01/Accounts.json FriendlyName=x", 401, 20003 },
        { "a Gigs key", "GET /v1/Events", 403, 20003 },
        { "an operator", "GET /v1/Sims", 403, 20003 },
        { "master", "GET /v1/Events?ActorSid=AC&EventType=x", 400, 20004 },
        { "master", "DELETE /2010-04-01/Accounts.json", 405, 20004 },
        { "master", "POST /v1/Events", 405, 20004 },
        { "reader", "POST /2010-04-01/Accounts.json FriendlyName=x", 403, 20006 },
        { "suspended", "GET /v1/Sims", 403, 20403 },
        { "suspended", "GET /v1/nothing", 403, 20403 },
        { "master", "GET /v1/Events/AE00000000000000000000000000000000", 404, 20404 },
        { "master", "POST /2010-04-01/Accounts/{master}.json Status=closed", 409, 20409 },
        { "master", "GET /2010-04-01/Accounts.json?PageSize=0", 400, 33103 },
        { "master", "GET /v1/Events?PageToken=x", 400, 33103 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_refusal_has_its_code(string caller, string request, int http, int code)
    {
        var server = sandbox.Server;
        var master = await server.AccountAsync();
        var client = await ClientAsync(caller, master);
        var parts = request.Replace("{master}", master.Sid, StringComparison.Ordinal)
            .Replace("{70000}", new string('n', 70_000), StringComparison.Ordinal).Split(' ', 3);
        using var content = parts.Length < 3 ? null : new StringContent(parts[2], Encoding.UTF8,
            parts[2] == "{}" ? "application/json" : "application/x-www-form-urlencoded");

        var answer = (await client.CallAsync(new HttpMethod(parts[0]), parts[1], content)).Is(http);

        var info = parts[1].StartsWith("/v1/secrets", StringComparison.Ordinal) ? "info" : "more_info";
        Assert.Equal(["code", "message", info, "status"],
            answer.Json.EnumerateObject().Select(member => member.Name).Where(name => name != "error"));
        Assert.Equal(($"{code}", $"{http}", $"https://www.twilio.com/docs/errors/{code}"),
            (answer["code"], answer["status"], answer[info]));
    }

    [Fact]
    public void Every_code_that_the_documentation_lists_is_in_the_table()
    {
        var text = File.ReadAllText(Path.Combine(Peer.Repository, "docs", "errors.md"));
        var start = text.IndexOf("### Beside the Sims", StringComparison.Ordinal);
        var section = text[start..text.IndexOf("## Operator API", StringComparison.Ordinal)];
        var documented = CodeAndStatus().Matches(section).Select(match => $"{match.Groups[1]} {match.Groups[2]}").Distinct().Order();
        Assert.Equal(documented, Rows.Select(row => $"{row.Data.Item4} {row.Data.Item3}").Distinct().Order());
    }

    private async Task<HttpClient> ClientAsync(string caller, OwnAccount master)
    {
        var server = sandbox.Server;
        switch (caller)
        {
            case "master":
                return master.Kore;
            case "sub":
                return (await server.AccountAsync(master.Sid)).Kore;
            case "suspended":
                var sub = await server.AccountAsync(master.Sid);
                (await master.Kore.FormAsync($"/2010-04-01/Accounts/{sub.Sid}.json", ("Status", "suspended"))).Is(200);
                return sub.Kore;
            case "reader":
                var (id, secret) = await server.KeyAsync("kore", "read", master.Sid);
                return server.Basic(id, secret);
            case "a Gigs key":
                return server.Gigs;
            case "an operator":
                return server.Operator;
            default:
                return server.Anonymous;
        }
    }

    [GeneratedRegex(@"^\| (\d{5}) \| (\d{3}) \|", RegexOptions.Multiline)]
    private static partial Regex CodeAndStatus();
}
