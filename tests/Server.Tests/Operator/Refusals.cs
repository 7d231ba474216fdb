using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Simkeeper.Server.Tests.Peers;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Operator;

/// <summary>Every refusal of the operator API: what is asked, and the answer.</summary>
public sealed partial class Refusals(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Master = TestServer.MasterSid;
    private const string Keys = $"accounts/{Master}/keys";
    private const string Import = $"accounts/{Master}/sims/import";

    /// <summary>Codes that a test cannot make this server give on purpose.</summary>
    private static readonly string[] OutOfReach = ["conflict 409", "tooManyRequests 429", "internal 500", "storeAway 503", "outOfTime 503"];

    private static readonly JsonNode Document =
        JsonNode.Parse(File.ReadAllText(Path.Combine(Peer.Repository, "docs", "openapi", "operator.json")))!;

    public static TheoryData<string, string, string?, int, string, string?> Rows { get; } = new()
    {
        { "POST", "accounts", "{", 400, "malformed", null },
        { "POST", "accounts", "[]", 400, "malformed", null },
        { "POST", "accounts", """{"name":"a","name":"b"}""", 400, "malformed", null },
        { "POST", "accounts", "null", 400, "missingValue", "name" },
        { "POST", "accounts", "", 400, "missingValue", "name" },
        { "POST", "accounts", """{"name":"n"}""", 400, "missingValue", "project" },
        { "POST", "accounts", """{"name":null,"project":"abc"}""", 400, "missingValue", "name" },
        { "POST", "accounts", """{"name":7,"project":"abc"}""", 400, "invalidValue", "name" },
        { "POST", "accounts", """{"name":"\ud800","project":"abc"}""", 400, "invalidValue", "name" },
        { "POST", "accounts", """{"name":"","project":"abc"}""", 400, "invalidValue", "name" },
        { "POST", "accounts", """{"name":"n","project":"Ab"}""", 400, "invalidValue", "project" },
        { "POST", "accounts", """{"name":"n","project":"ab\n"}""", 400, "invalidValue", "project" },
        { "POST", "accounts", """{"name":"n","project":"sandbox"}""", 409, "alreadyTaken", "project" },
        { "POST", "accounts", """{"name":"n","project":"abc","parent":"AC"}""", 400, "invalidValue", "parent" },
        { "POST", "accounts", """{"name":"n","project":"abc","parent":"AC99999999999999999999999999999999"}""", 404, "notFound", "parent" },
        { "POST", "accounts", """{"name":"n","project":"abc","colour":"red"}""", 400, "invalidValue", "colour" },
        { "POST", "accounts", "LONG", 413, "bodyTooLarge", null },
        { "GET", "accounts?limit=0", null, 400, "invalidValue", "limit" },
        { "GET", "accounts?limit=501", null, 400, "invalidValue", "limit" },
        { "GET", "accounts?limit=", null, 400, "invalidValue", "limit" },
        { "GET", "accounts?limit=%2b5", null, 400, "invalidValue", "limit" },
        { "GET", "accounts?after=x", null, 400, "invalidValue", "after" },
        { "GET", "accounts?colour=red", null, 400, "invalidValue", "colour" },
        { "GET", "accounts/AC99999999999999999999999999999999", null, 404, "notFound", null },
        { "GET", "accounts/me", null, 404, "notFound", null },
        { "PUT", "accounts", "{}", 405, "methodNotAllowed", null },
        { "GET", "nothing", null, 404, "notFound", null },
        { "POST", Keys, "{}", 400, "missingValue", "kind" },
        { "POST", Keys, """{"kind":"operator"}""", 400, "invalidValue", "kind" },
        { "POST", Keys, """{"kind":"token"}""", 400, "invalidValue", "kind" },
        { "POST", Keys, """{"kind":"kore","role":"admin"}""", 400, "invalidValue", "role" },
        { "POST", Keys, """{"kind":"kore","expiresAt":"2020-01-01T00:00:00Z"}""", 400, "invalidValue", "expiresAt" },
        { "POST", Keys, """{"kind":"kore","expiresAt":"tomorrow"}""", 400, "invalidValue", "expiresAt" },
        { "POST", Keys, """{"kind":"kore","expiresAt":1}""", 400, "invalidValue", "expiresAt" },
        { "POST", "accounts/AC99999999999999999999999999999999/keys", """{"kind":"kore"}""", 404, "notFound", null },
        { "DELETE", Keys + "/SK99999999999999999999999999999999", null, 404, "notFound", null },
        { "DELETE", Keys + "/x", null, 404, "notFound", null },
        { "DELETE", "operator-keys/x", null, 404, "notFound", null },
        { "POST", "operator-keys", """{"kind":"kore"}""", 400, "invalidValue", "kind" },
        { "GET", "sims?status=asleep", null, 400, "invalidValue", "status" },
        { "GET", "sims?status=updating", null, 400, "invalidValue", "status" },
        { "GET", "sims?account=me", null, 400, "invalidValue", "account" },
        { "GET", "sims?iccid=123", null, 400, "invalidValue", "iccid" },
        { "GET", "sims/DE99999999999999999999999999999999", null, 404, "simNotFound", null },
        { "GET", "sims/sim_0000000000000000000000", null, 404, "simNotFound", null },
        { "GET", "sims/x", null, 404, "simNotFound", null },
        { "PUT", "sims/x/esim-profile", """{"status":"installed"}""", 404, "simNotFound", null },
        { "PUT", "sims/{psim}/esim-profile", """{"status":"installed"}""", 409, "stateForbids", null },
        { "PUT", "sims/{psim}/esim-profile", """{"status":"unknown"}""", 400, "invalidValue", "status" },
        { "PUT", "sims/{psim}/esim-profile", """{"status":"installed","at":"noon"}""", 400, "invalidValue", "at" },
        { "PUT", "sims/{psim}/esim-profile", "{}", 400, "missingValue", "status" },
        { "GET", "operations?state=lost", null, 400, "invalidValue", "state" },
        { "GET", "operations?sim=x", null, 400, "invalidValue", "sim" },
        { "GET", "operations/op_0000000000000000000000", null, 404, "notFound", null },
        { "POST", "operations/x/force", """{"outcome":"done"}""", 404, "notFound", null },
        { "POST", "operations/{operation}/force", "{}", 400, "missingValue", "outcome" },
        { "POST", "operations/{operation}/force", """{"outcome":"perhaps"}""", 400, "invalidValue", "outcome" },
        { "POST", "usage", "", 400, "malformed", null },
        { "POST", "usage", "{}", 400, "malformed", null },
        { "POST", "usage", """[{"sim":"a","sim":"b"}]""", 400, "malformed", null },
        { "POST", "usage", "MANY", 413, "bodyTooLarge", null },
        { "GET", "usage", null, 405, "methodNotAllowed", null },
        { "POST", Import, "{}", 415, "unsupportedMediaType", null },
        { "POST", Import + "?format=xml", "text/csv:iccid", 400, "invalidValue", "format" },
        { "POST", Import + "?provider=Big", "text/csv:iccid", 400, "invalidValue", "provider" },
        { "POST", Import + "?colour=red", "text/csv:iccid", 400, "invalidValue", "colour" },
        { "POST", Import, "text/csv:", 400, "missingValue", "iccid" },
        { "POST", Import, "text/csv:imsi,type\n", 400, "missingValue", "iccid" },
        { "POST", Import, "text/csv:iccid,ICCID\n", 400, "invalidValue", "iccid" },
        { "POST", Import, "text/plain:no card file", 400, "missingValue", "var_out" },
        { "POST", "accounts/AC99999999999999999999999999999999/sims/import", "text/csv:iccid\n", 404, "notFound", null },
    };

    private TestServer Server => sandbox.Server;

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_refusal_has_its_code_and_names_the_field(
        string method, string path, string? body, int http, string code, string? field)
    {
        var answer = await AskAsync(Server.Operator, method, await FillAsync(path), body);

        CheckShape(answer.Is(http), code);
        Assert.Contains(code, Documented(method, path, http));
        Assert.Equal(field, answer.Json.TryGetProperty("field", out var named) ? named.GetString() : null);
    }

    [Fact]
    public async Task Without_an_operator_key_everything_is_401()
    {
        foreach (var client in new[] { Server.Anonymous, Server.Gigs, Server.Kore, Server.Bearer("skop_wrong") })
        {
            foreach (var path in new[] { "accounts", "sims", "nothing", Import })
                CheckShape((await AskAsync(client, "GET", path, null)).Is(401), "unauthenticated");
        }
    }

    [Fact]
    public async Task A_read_only_key_changes_nothing()
    {
        var key = (await Server.Operator.JsonAsync("/operator/v1/operator-keys", """{"role":"read"}""")).Is(201);
        var reader = Server.Bearer(key["secret"]!);
        foreach (var (method, path) in new[] { ("POST", "accounts"), ("POST", Keys), ("POST", Import), ("PUT", "sims/x/esim-profile") })
            CheckShape((await AskAsync(reader, method, path, "{}")).Is(403), "readOnlyKey");
    }

    [Fact]
    public void Every_code_that_the_documentation_lists_is_in_the_table()
    {
        var text = File.ReadAllText(Path.Combine(Peer.Repository, "docs", "errors.md"));
        var section = text[text.IndexOf("## Operator API", StringComparison.Ordinal)..];
        var documented = CodeAndStatus().Matches(section).Select(match => $"{match.Groups[1]} {match.Groups[2]}").Distinct();

        var tested = Rows.Select(row => $"{row.Data.Item5} {row.Data.Item4}").Append("unauthenticated 401")
            .Append("readOnlyKey 403").Append("unknownHost 421").Append("unknownOrigin 403").Distinct();

        Assert.Equal(documented.Except(OutOfReach).Order(), tested.Order());
    }

    /// <summary>The codes that the OpenAPI document allows a refusal, or that the path or the method does not exist.</summary>
    private static string Documented(string method, string path, int status)
    {
        var segments = $"operator/v1/{path.Split('?')[0]}".Split('/');
        var operations = Document["paths"]!.AsObject().Where(known => known.Key.Split('/')[1..] is var template
            && template.Length == segments.Length
            && template.Zip(segments).All(pair => pair.First[0] == '{' || pair.First == pair.Second)).ToList();
        if (operations.Count == 0)
            return "notFound";
        if (operations[0].Value![method.ToLowerInvariant()] is not { } operation)
            return "methodNotAllowed";
        var reference = (string)operation["responses"]![$"{status}"]!["$ref"]!;
        return (string)Document["components"]!["responses"]![reference.Split('/')[^1]]!["description"]!;
    }

    private async Task<string> FillAsync(string path)
    {
        if (!path.Contains('{'))
            return path;
        var sid = await Server.SimAsync();
        if (!path.Contains("{operation}"))
            return path.Replace("{psim}", sid, StringComparison.Ordinal);
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "deactivated"))).Is(202);
        return path.Replace("{operation}", (await Server.OperationAsync(sid))["id"], StringComparison.Ordinal);
    }

    private static Task<Answer> AskAsync(HttpClient client, string method, string path, string? body)
    {
        var text = body switch
        {
            "LONG" => $$"""{"name":"{{new string('n', 70_000)}}"}""",
            "MANY" => $"[{string.Join(',', Enumerable.Repeat("{}", 10_001))}]",
            _ => body,
        };
        var file = text?.StartsWith("text/", StringComparison.Ordinal) == true ? text.Split(':', 2) : null;
        var content = text is null ? null : new StringContent(file?[1] ?? text, Encoding.UTF8, file?[0] ?? "application/json");
        return client.CallAsync(new HttpMethod(method), "/operator/v1/" + path, content);
    }

    private static void CheckShape(Answer answer, string code)
    {
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal(["type", "title", "status", "detail", "code"],
            answer.Json.EnumerateObject().Select(property => property.Name).Take(5));
        Assert.Equal((code, $"{answer.Status}"), (answer["code"], answer["status"]));
        Assert.NotEqual("", answer["detail"]);
    }

    [GeneratedRegex(@"^\| `(\w+)` \| (\d{3}) \|", RegexOptions.Multiline)]
    private static partial Regex CodeAndStatus();
}
