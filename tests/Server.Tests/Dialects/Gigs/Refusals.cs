using System.Text;
using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Dialects.Gigs.Sandbox;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>
/// Every refusal of the Gigs table in docs/errors.md. In paths and bodies <c>SIM</c> stands for an eSIM of the project, <c>PSIM</c> for a
/// pSIM, <c>FULL</c> for a SIM with ten metadata keys, <c>FOREIGN</c> for a SIM of the subaccount.
/// </summary>
public sealed class Refusals(Refusals.Stocked sandbox) : IClassFixture<Refusals.Stocked>
{
    private const string Unknown = "sim_0000000000000000000000";
    private const string Search = SimsPath + "/search";

    public sealed class Stocked : Sandbox
    {
        internal Dictionary<string, string> Named { get; } = [];

        protected override async ValueTask FillAsync()
        {
            Named["FOREIGN"] = (await Server.Bearer("gpk_sandbox_sub").FetchAsync("/projects/sandbox-sub/sims")).Each("id")[0];
            Named["PSIM"] = (await Server.Gigs.FetchAsync(SimsPath + "?type=pSIM")).Each("id")[0];
            Named["FULL"] = await Server.GigsSimAsync(
                "test", "pSIM", [.. Enumerable.Range(0, 10).Select(i => ($"metadata.tag{i}", $"v{i}"))]);
            Named["SIM"] = (await Server.Gigs.FetchAsync(SimsPath + "?type=eSIM")).Each("id")[0];
        }
    }

    public static TheoryData<string, string, string?, int, string, string?, string?> Table
    {
        get
        {
            var table = new TheoryData<string, string, string?, int, string, string?, string?>();
            void Row(string method, string path, string? body, int status, string type, string? property = null, string? code = null) =>
                table.Add(method, path, body, status, type, property, code);
            void BadQuery(string query, string property) => Row("GET", $"{SimsPath}?{query}", null, 422, "invalid", property);
            void BadPatch(string body, string? property, string sim = "SIM") =>
                Row("PATCH", $"{SimsPath}/{sim}", body, 422, "invalid", property);
            void BadMetadata(string property, params (string Key, string Value)[] entries) =>
                BadPatch("{\"metadata\":{" + string.Join(',', entries.Select(entry => $"\"{entry.Key}\":{entry.Value}")) + "}}", property);
            void BadSearch(string body, string? property, string? code = null) => Row("POST", Search, body, 422, "invalid", property, code);
            var smile = char.ConvertFromUtf32(0x1F600);

            foreach (var (method, path) in new[] { ("PATCH", SimsPath + "/SIM"), ("POST", Search) })
            {
                foreach (var body in (string[])["", "{", "metadata", "{\"iccid\":}", "{'iccid':'1'}",
                    "{\"iccid\":\"1\"", "{} {}", "{\"a\":1,\"a\":1}"])
                    Row(method, path, body, 400, "malformed");
                foreach (var body in (string[])["[]", "null", "\"x\"", "1", "true"])
                    Row(method, path, body, 422, "invalid");
                foreach (var text in (string[])["\\ud800", "\\udc00x", "\\ud800\\ud800"])
                {
                    Row(method, path, $$"""{"{{text}}":"x"}""", 400, "malformed");
                    Row(method, path, $$"""{"{{(path == Search ? "iccid" : "metadata")}}":"{{text}}"}""", path == Search ? 400 : 422,
                        path == Search ? "malformed" : "invalid");
                }
                Row(method, path, new string('[', 1000), 400, "malformed");
                Row(method, path, $$"""{"{{smile}}":1}""", 422, "invalid", smile);
                Row(method, path, "{\"\":1}", 422, "invalid", "(empty)");
                Row(method, path, $$"""{"{{new string('x', 63) + smile}}":1}""", 422, "invalid");
                Row(method, path + "?limit=1", "{}", 422, "invalid", "limit");
            }
            Row("PATCH", SimsPath + "/SIM", """{"metadata":{"k":"\ud800"} }""", 400, "malformed");
            Row("PATCH", SimsPath + "/SIM", """{"metadata":{"\ud800":"v"} }""", 400, "malformed");

            foreach (var sim in (string[])[Unknown, "FOREIGN", "sim_", "sim_SIM", "SIM%2F", "SIM%20",
                "DE00000000000000000000000000000001", "SIM0", "search"])
            {
                foreach (var rest in (string[])["", "/credentials", "/eSimProfile"])
                    Row("GET", $"{SimsPath}/{sim}{rest}", null, 404, "notFound");
                Row("PATCH", $"{SimsPath}/{sim}", "{}", 404, "notFound");
            }
            Row("GET", SimsPath + "/PSIM/eSimProfile", null, 404, "notFound");
            foreach (var path in (string[])["/projects", "/projects/", "/projects/sandbox", "/projects/sandbox/plans",
                "/projects/sandbox/Sims",
                "/projects/sandbox/sims/SIM/x", "/projects/sandbox/sims/SIM/esimprofile", "/projects/sandbox/sims/SIM/credentials/x"])
                Row("GET", path, null, 404, "notFound");
            foreach (var (method, path) in ((string, string)[])[
                ("POST", SimsPath), ("DELETE", SimsPath), ("PUT", SimsPath + "/SIM"), ("POST", SimsPath + "/SIM"),
                ("DELETE", SimsPath + "/SIM"), ("PATCH", SimsPath + "/SIM/credentials"),
                ("PUT", SimsPath + "/SIM/eSimProfile"), ("TRACE", SimsPath)])
                Row(method, path, null, 404, "notFound");
            foreach (var project in (string[])["sandbox-sub", "Sandbox", "nope", "%73andbox2", "sandbox%20"])
            {
                Row("GET", $"/projects/{project}/sims", null, 404, "notFound");
                Row("POST", $"/projects/{project}/sims/search", "{", 404, "notFound");
                Row("PATCH", $"/projects/{project}/sims/SIM", "{", 404, "notFound");
                Row("DELETE", $"/projects/{project}/x?limit=x", null, 404, "notFound");
            }

            foreach (var name in (string[])["provider", "status", "type", "user", "after", "before", "limit"])
            {
                BadQuery(name + "=", name);
                BadQuery(name, name);
            }
            foreach (var query in (string[])["foo=1", "Limit=1", "iccid=1", "sort=asc", "foo", "foo="])
                BadQuery(query, query.Split('=')[0]);
            BadQuery("=1", "(empty)");
            foreach (var limit in (string[])["-1", "201", "x", "1.0", "1e1", "%2B1", "+1", "1%20", "99999999999999999999", "0x1", "%D9%A1"])
                BadQuery("limit=" + limit, "limit");
            BadQuery("limit=1&limit=1", "limit");
            foreach (var word in (string[])["esim", "ESIM", "eSIM,pSIM", "both", "eSIM%20"])
                BadQuery("type=" + word, "type");
            BadQuery("type=eSIM&type=pSIM", "type");
            BadQuery("user=a&user=b", "user");
            foreach (var word in (string[])["new", "Active", "canceled", "active,", ",active", "active,,retired", ",", "active,%20retired"])
                BadQuery("status=" + word, "status");
            BadQuery("status=active&status=", "status");
            BadQuery("status=active&status=x", "status");
            BadQuery("provider=p3,", "provider");
            BadQuery("provider=" + string.Join(',', Enumerable.Range(0, 51).Select(i => $"p{i}")), "provider");
            BadQuery("provider=p%003", "provider");
            BadQuery("user=%00", "user");
            BadQuery("after=SIM&before=SIM", "before");
            BadQuery($"after={Unknown}&before={Unknown}", "before");
            foreach (var cursor in (string[])["after", "before"])
            {
                foreach (var id in (string[])[Unknown, "FOREIGN", "x", "sim_", "SIMx", "SIM&limit=0&" + cursor + "=SIM",
                    "zzz_0000000000000000000000"])
                    BadQuery($"{cursor}={id}", cursor);
                BadQuery($"limit=0&{cursor}={Unknown}", cursor);
            }
            foreach (var rest in (string[])["", "/credentials", "/eSimProfile"])
                Row("GET", $"{SimsPath}/SIM{rest}?foo=1", null, 422, "invalid", "foo");

            BadPatch("""{"foo":1}""", "foo");
            BadPatch("""{"metadata":{"a":"b"},"status":"active"}""", "status");
            BadPatch("""{"Metadata":{"a":"b"}}""", "Metadata");
            foreach (var value in (string[])["null", "[]", "\"x\"", "1", "true", "[{\"a\":\"b\"}]"])
                BadPatch("{\"metadata\":" + value + "}", "metadata");
            foreach (var value in (string[])["1", "1.5", "true", "{}", "[]", "[\"a\"]"])
                BadMetadata("metadata.key", ("key", value));
            BadMetadata("metadata.", ("", "\"x\""));
            BadMetadata("metadata.", ("", "null"));
            BadMetadata("metadata." + new string('k', 40), (new string('k', 41), "\"x\""));
            BadMetadata("metadata.k", ("k", $"\"{new string('v', 256)}\""));
            BadMetadata("metadata.gigs.com", ("gigs.com", "\"x\""));
            BadMetadata("metadata.gigs.com/plan", ("gigs.com/plan", "null"));
            BadMetadata("metadata.k", ("k", $"\"a{smile}\""));
            BadMetadata("metadata.k" + smile, ("k" + smile, "\"a\""));
            BadMetadata("metadata.k", ("k", "\"\\u2764\\ufe0f\""));
            BadMetadata("metadata.k", ("k", "\"a\\u0000\""));
            BadMetadata("metadata.k10", [.. Enumerable.Range(0, 11).Select(i => ($"k{i}", "\"v\""))]);
            BadPatch("""{"metadata":{"k10":"v"} }""", "metadata.k10", "FULL");
            BadPatch("""{"metadata":{"tag0":null,"k10":"v","k11":"v"} }""", "metadata.k11", "FULL");

            foreach (var iccid in (string[])["null", "1", "true", "{}", "[]", "\"\"", "\"894242000000000000\"", "\"8942420000000000006A\"",
                "\"89424200000000000060F\"", "\"894242000000000000600\"", "\" 8942420000000000006\"", "\"8942420000000000006\\n\"",
                "\"894242000000000000FF\"", "\"8942-4200-0000-0000-006\"", "\"\u0668\u0669424200000000000068\"",
                "\"89424200000000000060\\u0000\""])
                BadSearch($$"""{"iccid":{{iccid}}}""", "iccid", "invalidIccid");
            BadSearch("{}", "iccid");
            BadSearch("""{"type":["eSIM"]}""", "iccid");
            foreach (var type in (string[])["[]", "\"eSIM\"", "[\"esim\"]", "[\"eSIM\",\"x\"]", "[null]", "[1]", "{}",
                "1", "[[\"eSIM\"]]", "true"])
                BadSearch($$"""{"iccid":"8942420000000000006","type":{{type}}}""", "type");
            BadSearch("""{"iccid":"8942420000000000006","limit":1}""", "limit");
            BadSearch("""{"ICCID":"8942420000000000006"}""", "ICCID");
            return table;
        }
    }

    [Theory]
    [MemberData(nameof(Table))]
    public async Task A_refusal_says_what_was_wrong(string method, string path, string? body, int status, string type,
        string? property, string? code)
    {
        foreach (var (name, id) in sandbox.Named)
        {
            path = path.Replace(name, id, StringComparison.Ordinal);
        }
        var answer = await sandbox.Server.Gigs.CallAsync(method, path, body);
        AssertIs(answer, status, type, property, code);
    }

    [Fact]
    public async Task Checks_run_in_the_order_headers_path_query_and_body()
    {
        var server = sandbox.Server;
        var tooLong = ("Idempotency-Key", new string('k', 256));
        AssertIs(await server.Anonymous.JsonAsync("/projects/nope/sims/search?foo=1", "{", tooLong), 401, "unauthenticated");
        AssertIs(await server.Gigs.JsonAsync("/projects/nope/sims/search?foo=1", "{", tooLong), 422, "invalid", "Idempotency-Key");
        AssertIs(await server.Gigs.JsonAsync("/projects/nope/sims/search?foo=1", "{"), 404, "notFound");
        AssertIs(await server.Gigs.JsonAsync(Search + "?foo=1", "{"), 422, "invalid", "foo");
        AssertIs(await server.Gigs.CallAsync("PATCH", $"{SimsPath}/{Unknown}?foo=1", "{"), 404, "notFound");
        AssertIs(await server.Gigs.CallAsync("PATCH", $"{SimsPath}/{sandbox.Named["SIM"]}?foo=1", "{"), 422, "invalid", "foo");
        AssertIs(await server.Gigs.FetchAsync($"{SimsPath}/{Unknown}?foo=1"), 404, "notFound");
    }

    [Theory]
    [InlineData("PATCH", SimsPath + "/SIM", "{\"metadata\":{\"k\":\"\u00ff\"}}")]
    [InlineData("PATCH", SimsPath + "/SIM", "{\"metadata\":{\"\u00ff\":\"v\"}}")]
    [InlineData("PATCH", SimsPath + "/SIM", "{\"\u00ff\":1}")]
    [InlineData("POST", Search, "{\"\u00ff\":1}")]
    [InlineData("POST", Search, "{\"iccid\":\"\u00ff\"}")]
    [InlineData("POST", Search, "\u00fe\u00ff{}")]
    public async Task Bytes_that_are_no_UTF_8_are_no_JSON(string method, string path, string latin1)
    {
        var body = new ByteArrayContent(Encoding.Latin1.GetBytes(latin1));
        var sim = path.Replace("SIM", sandbox.Named["SIM"], StringComparison.Ordinal);
        AssertIs(await sandbox.Server.Gigs.CallAsync(new HttpMethod(method), sim, body), 400, "malformed");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_is_too_large_is_refused_whether_its_length_is_told_or_not(bool chunked)
    {
        var large = Encoding.UTF8.GetBytes($$"""{"iccid":"{{new string('1', 70_000)}}"}""");
        foreach (var (method, path) in new[] { ("POST", Search), ("PATCH", $"{SimsPath}/{sandbox.Named["SIM"]}") })
        {
            HttpContent body = chunked ? new StreamContent(new NoLength(large)) : new ByteArrayContent(large);
            AssertIs(await sandbox.Server.Gigs.CallAsync(new HttpMethod(method), path, body), 422, "invalid");
        }
        Assert.DoesNotContain(sandbox.Server.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_nobody_expected_is_an_internal_error_in_the_same_shape()
    {
        await using var server = await TestServer.StartAsync();
        Store.Execute(server, "alter table sims rename to gone");
        Assert.Equal(
            """
            {"object":"error","message":"Something unexpected happened; whether the request took effect is unknown.",
            "type":"internal"}
            """.ReplaceLineEndings(""),
            (await server.Gigs.FetchAsync(SimsPath)).Text);
        AssertIs(await server.Gigs.FetchAsync(SimsPath), 500, "internal");
    }

    [Fact]
    public async Task Errors_have_exactly_the_documented_properties_in_their_order()
    {
        Assert.Equal(
            """
            {"object":"error","code":"invalidIccid","details":[{"object":"propertyErrorDetail","code":"propertyInvalid",
            "message":"Invalid ICCID format.","property":"iccid","suggestion":null}],
            "hint":"Parameter iccid must match /^([0-9]{19}F?|[0-9]{20})$/i","message":"Invalid ICCID format.","type":"invalid"}
            """.ReplaceLineEndings(""),
            (await sandbox.Server.Gigs.JsonAsync(Search, """{"iccid":"1"}""")).Text);
        Assert.Equal(
            """{"object":"error","message":"The SIM was not found.","type":"notFound"}""",
            (await sandbox.Server.Gigs.FetchAsync($"{SimsPath}/{Unknown}")).Text);
        Assert.Equal("propertyRequired", DetailOf(await sandbox.Server.Gigs.JsonAsync(Search, "{}"), "code"));
        Assert.Equal("propertyUnknown", DetailOf(await sandbox.Server.Gigs.FetchAsync(SimsPath + "?foo=1"), "code"));
    }

    private static string? DetailOf(Answer answer, string name) => answer.Json.GetProperty("details")[0].GetProperty(name).GetString();

    private static void AssertIs(Answer answer, int status, string type, string? property = null, string? code = null)
    {
        Assert.True(answer.Status == status, $"{answer.Status} {answer.Text}");
        if (answer.Text.Length == 0)
            return;
        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal("error", answer["object"]);
        Assert.Equal(type, answer["type"]);
        Assert.NotEmpty(answer["message"]!);
        Assert.Equal(code, answer.Json.TryGetProperty("code", out var given) ? given.GetString() : null);
        if (property is not null)
            Assert.Equal(property, DetailOf(answer, "property"));
    }

    private sealed class NoLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
