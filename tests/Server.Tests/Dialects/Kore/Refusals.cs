using System.Text;
using System.Text.RegularExpressions;
using Simkeeper.Server.Tests.Peers;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

/// <summary>Every refusal of the Sim resource: what a SIM is, what is asked of it, and the answer.</summary>
public sealed partial class Refusals(Refusals.Sandbox sandbox) : IClassFixture<Refusals.Sandbox>
{
    /// <summary>
    /// Codes that no request to the Sim resource can be made to give on purpose: internal, unavailable, rate limits to come.
    /// </summary>
    private static readonly string[] OutOfReach = ["20429", "20500", "20503"];

    public static TheoryData<string, string, int, int> Rows { get; } = new()
    {
        { "new", "GET ?PageSize=0", 400, 33103 },
        { "new", "GET ?PageSize=-1", 400, 33103 },
        { "new", "GET ?PageSize=ten", 400, 33103 },
        { "new", "GET ?Page=-1", 400, 33103 },
        { "new", "GET ?Page=x", 400, 33103 },
        { "new", "GET ?PageToken=P", 400, 33103 },
        { "new", "GET ?PageToken=PAnonsense", 400, 33103 },
        { "new", "GET ?PageToken=DE00000000000000000000000000000001", 400, 33103 },
        { "new", "GET ?Status=asleep", 400, 33101 },
        { "new", "Status=asleep", 400, 33101 },
        { "new", "Status=Active", 400, 33101 },
        { "new", "Status=deleted", 400, 33101 },
        { "new", "Status=updating", 400, 33105 },
        { "new", "Status=scheduled", 400, 33105 },
        { "new", "ResetStatus=now", 400, 33101 },
        { "new", "CallbackMethod=PUT", 400, 33101 },
        { "new", "CallbackUrl=ftp://example.com/", 400, 33101 },
        { "new", "CallbackUrl=/hook", 400, 33101 },
        { "new", "CallbackUrl=example.com", 400, 33101 },
        { "new", "CallbackUrl=http://", 400, 33101 },
        { "new", "CallbackUrl=http://example.com/a b", 400, 33101 },
        { "new", "CallbackUrl=http://example.com/%0d%0aX-Evil:1", 400, 33101 },
        { "new", "CommandsCallbackUrl=javascript:alert(1)", 400, 33101 },
        { "new", "SmsMethod=DELETE", 400, 33101 },
        { "new", "VoiceUrl=file:///etc/passwd", 400, 33101 },
        { "new", "FriendlyName={257}", 400, 33101 },
        { "new", "FriendlyName=a%00b", 400, 33101 },
        { "new", "UniqueName={256}", 400, 33101 },
        { "new", "UniqueName=taken", 400, 33101 },
        { "new", "UniqueName=DE00000000000000000000000000000001", 400, 33101 },
        { "new", "UniqueName=WP00000000000000000000000000000001", 400, 33101 },
        { "new", "UniqueName=a%0Ab", 400, 33101 },
        { "new", "UniqueName=..", 400, 33101 },
        { "new", "UniqueName=a%252Fb", 400, 33101 },
        { "new", "UniqueName=a.json", 400, 33101 },
        { "new", "FriendlyName=caf%E9", 400, 33101 },
        { "new", "FriendlyName=%FF%FE", 400, 33101 },
        { "new", "AccountSid=me", 400, 33101 },
        { "new", "RatePlan=nobody's", 404, 33108 },
        { "new", "RatePlan=WP00000000000000000000000000000002", 404, 33108 },
        { "new", "Status=ready", 400, 33104 },
        { "new", "Status=active", 400, 33104 },
        { "new", "Status=active&RatePlan=", 400, 33104 },
        { "new", "Status=suspended&RatePlan=payg", 400, 33105 },
        { "new", "Status=canceled", 400, 33105 },
        { "new", "Status=active&RatePlan=quota", 400, 33122 },
        { "new", "Status=ready&RatePlan=quota", 400, 33122 },
        { "new", "RatePlan=nb-annual", 400, 33101 },
        { "new", "ResetStatus=resetting", 400, 33119 },
        { "new", "Status=deactivated&ResetStatus=resetting", 400, 33121 },
        { "narrowband", "RatePlan=payg", 400, 33101 },
        { "narrowband", "Status=ready&RatePlan=nb-developer", 400, 33105 },
        { "annual", "RatePlan=nb-developer", 400, 33101 },
        { "ready", "Status=new", 400, 33105 },
        { "ready", "Status=canceled", 400, 33105 },
        { "ready", "RatePlan=", 400, 33101 },
        { "ready", "AccountSid={sub}&RatePlan=", 400, 33102 },
        { "ready", "DELETE", 409, 20409 },
        { "active", "Status=new", 400, 33105 },
        { "active", "Status=ready", 400, 33105 },
        { "active", "Status=canceled", 400, 33105 },
        { "active", "RatePlan=null", 400, 33101 },
        { "active", "RatePlan=throttle", 400, 33101 },
        { "active", "Status=suspended&RatePlan=", 400, 33121 },
        { "active", "Status=suspended&ResetStatus=resetting", 400, 33121 },
        { "active", "AccountSid={sub}", 403, 33201 },
        { "active", "DELETE", 409, 20409 },
        { "suspended", "Status=ready", 400, 33105 },
        { "suspended", "Status=new", 400, 33105 },
        { "suspended", "ResetStatus=resetting", 400, 33119 },
        { "suspended", "RatePlan=throttle", 400, 33101 },
        { "suspended", "DELETE", 409, 20409 },
        { "deactivated", "Status=ready", 400, 33105 },
        { "deactivated", "Status=suspended", 400, 33105 },
        { "deactivated", "ResetStatus=resetting", 400, 33119 },
        { "deactivated", "DELETE", 409, 20409 },
        { "canceled", "Status=active", 400, 33105 },
        { "canceled", "Status=deactivated", 400, 33105 },
        { "canceled", "Status=new", 400, 33105 },
        { "canceled", "AccountSid={sub}&RatePlan=", 403, 33201 },
        { "updating", "Status=active", 409, 33010 },
        { "updating", "Status=deactivated", 409, 33010 },
        { "updating", "RatePlan=payg", 409, 33010 },
        { "updating", "RatePlan=", 409, 33010 },
        { "updating", "AccountSid={sub}", 409, 33010 },
        { "updating", "ResetStatus=resetting", 409, 33010 },
        { "updating", "UniqueName=taken", 400, 33101 },
        { "updating", "DELETE", 409, 20409 },
        { "resetting", "ResetStatus=resetting", 409, 33120 },
        { "resetting", "Status=suspended", 409, 33010 },
        { "resetting", "DELETE", 409, 20409 },
        { "planned", "AccountSid={sub}", 400, 33102 },
        { "planned", "AccountSid={sub}&RatePlan=payg", 404, 33108 },
        { "new", "AccountSid={stranger}", 403, 33201 },
        { "new", "PUT", 405, 20004 },
        { "new", "PATCH", 405, 20004 },
        { "new", "GET /v1/Sims/DE00000000000000000000000000000000", 404, 20404 },
        { "new", "GET /v1/Sims/nobody", 404, 20404 },
        { "new", "GET /v1/Nothing", 404, 20404 },
        { "new", "GET /v1", 404, 20404 },
        { "new", "GET /2010-04-01/Nothing.json", 404, 20404 },
        { "new", "GET /v1/Sims/a/b/c", 404, 20404 },
        { "new", "POST /v1/Sims", 405, 20004 },
        { "new", "JSON", 415, 20001 },
        { "new", "LONG", 413, 20001 },
        { "new", "CHUNKED", 413, 20001 },
    };

    public static TheoryData<string, string, int, int> Callers { get; } = new()
    {
        { "nobody", "GET", 401, 20003 },
        { "wrong token", "GET", 401, 20003 },
        { "no Base64", "GET", 401, 20003 },
        { "other account's sid", "GET", 401, 20003 },
        { "reader", "POST", 403, 20006 },
        { "reader", "DELETE", 403, 20006 },
        { "reader", "GET", 200, 0 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_refusal_has_its_code_and_changes_nothing(string status, string request, int http, int code)
    {
        var sid = await sandbox.SimInAsync(status);
        var before = await sandbox.Kore.FetchAsync($"/v1/Sims/{sid}");

        CheckShape((await AskAsync(sid, sandbox.Fill(request))).Is(http), code);

        Assert.Equal(before, await sandbox.Kore.FetchAsync($"/v1/Sims/{sid}"));
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_caller_who_may_not_is_told_so(string caller, string method, int http, int code)
    {
        var sid = await sandbox.SimInAsync("new");
        var client = await sandbox.CallerAsync(caller);
        var answer = (await client.CallAsync(method, $"/v1/Sims/{sid}")).Is(http);
        if (code != 0)
            CheckShape(answer, code);
    }

    [Fact]
    public void Every_code_that_the_documentation_lists_is_in_the_table()
    {
        var text = File.ReadAllText(Path.Combine(Peer.Repository, "docs", "errors.md"));
        var start = text.IndexOf("## KORE dialect", StringComparison.Ordinal);
        var section = text[start..text.IndexOf("These codes belong", StringComparison.Ordinal)];
        var documented = CodeAndStatus().Matches(section).Select(match => $"{match.Groups[1]} {match.Groups[2]}").Distinct().Order();

        var tested = Rows.Concat(Callers).Select(row => row.Data).Where(row => row.Item4 != 0)
            .Select(row => $"{row.Item4} {row.Item3}").Distinct();

        Assert.Equal(documented.Where(pair => !OutOfReach.Contains(pair[..5])), tested.Order());
    }

    private Task<Answer> AskAsync(string sid, string request)
    {
        var kore = sandbox.Kore;
        var path = $"/v1/Sims/{sid}";
        StringContent Form(string text, string type = "application/x-www-form-urlencoded") => new(text, Encoding.UTF8, type);
        return request.Split(' ', 2) switch
        {
            ["JSON"] => kore.CallAsync(HttpMethod.Post, path, Form("{}", "application/json")),
            ["LONG"] => kore.CallAsync(HttpMethod.Post, path, Form("FriendlyName=" + new string('a', 70_000))),
            ["CHUNKED"] => kore.CallAsync(HttpMethod.Post, path, new Chunked("FriendlyName=" + new string('a', 70_000))),
            ["DELETE" or "PUT" or "PATCH"] => kore.CallAsync(request, path),
            ["GET", ['?', ..] query] => kore.FetchAsync("/v1/Sims" + query),
            ["GET" or "POST", ['/', ..] other] => kore.CallAsync(request.Split(' ')[0], other),
            _ => kore.CallAsync(HttpMethod.Post, path, Form(request)),
        };
    }

    private static void CheckShape(Answer answer, int code)
    {
        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal(["code", "message", "more_info", "status"], answer.Json.EnumerateObject().Select(property => property.Name));
        Assert.Equal(($"{code}", $"{answer.Status}"), (answer["code"], answer["status"]));
        Assert.Equal($"https://www.twilio.com/docs/errors/{code}", answer["more_info"]);
        Assert.NotEqual("", answer["message"]);
    }

    [GeneratedRegex(@"^\| (\d{5}) \| (\d{3}) \|", RegexOptions.Multiline)]
    private static partial Regex CodeAndStatus();
}
