using System.Text;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class SecretsTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Secrets = "/v1/secrets";

    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task The_first_secret_is_active_and_shown_this_once()
    {
        var account = await Server.AccountAsync();

        var made = (await account.Kore.JsonAsync(Secrets, """{"Name":"my new secret"}""")).Is(201);

        Assert.Equal(["id", "name", "status", "last_modified", "secret"], made.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("my new secret", "active"), (made["name"], made["status"]));
        Assert.Matches("^whs_[0-9a-hjkmnp-tv-z]{26}$", made["id"]);
        Assert.Matches("^[0-9a-f]{64}$", made["secret"]);
        Assert.DoesNotContain(made["secret"]!, (await account.Kore.FetchAsync(Secrets)).Is(200).Text, StringComparison.Ordinal);
        var hex = TestDatabase.IsWanted ? "encode(sealed_secret, 'hex')" : "hex(sealed_secret)";
        Assert.DoesNotContain(Store.Rows(Server, $"select {hex} from webhook_secrets"),
            stored => stored.Contains(Convert.ToHexString(Encoding.UTF8.GetBytes(made["secret"]!)), StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_further_secret_is_pending_and_takes_the_place_of_the_pending_one()
    {
        var account = await Server.AccountAsync();
        var first = await CreateAsync(account, "first");
        await CreateAsync(account, "second");

        var third = (await account.Kore.JsonAsync(Secrets, """{"Name":"third"}""")).Is(201);

        Assert.Equal("pending", third["status"]);
        Assert.Equal([third["id"]!, first], await IdsAsync(account, ""));
    }

    [Fact]
    public async Task Activating_the_pending_secret_ends_the_active_one_for_good()
    {
        var account = await Server.AccountAsync();
        var first = await CreateAsync(account, "first");
        var second = await CreateAsync(account, "second");

        Assert.Equal("active", (await PatchAsync(account, second, """{"Status":"active"}""")).Is(200)["status"]);

        Assert.Equal([second], await IdsAsync(account, ""));
        (await PatchAsync(account, first, """{"Status":"active"}""")).Is(404);
    }

    [Fact]
    public async Task The_name_can_be_changed_and_what_is_the_same_changes_nothing()
    {
        var account = await Server.AccountAsync();
        var id = await CreateAsync(account, "old");
        var renamed = (await PatchAsync(account, id, """{"Name":"new"}""")).Is(200);
        Assert.Equal(("new", "active"), (renamed["name"], renamed["status"]));
        Assert.Equal("new", (await PatchAsync(account, id, """{"Status":"active"}""")).Is(200)["name"]);
        Assert.Equal("new", (await PatchAsync(account, id, "{}")).Is(200)["name"]);
    }

    [Fact]
    public async Task Pages_are_numbered_and_filtered_by_status()
    {
        var account = await Server.AccountAsync();
        var active = await CreateAsync(account, "active");
        var pending = await CreateAsync(account, "pending");

        var first = (await account.Kore.FetchAsync(Secrets + "?page_size=1")).Is(200);
        var meta = first.Json.GetProperty("meta_data");
        Assert.Equal((2, 1, 1),
            (meta.GetProperty("count").GetInt32(), meta.GetProperty("page_size").GetInt32(), meta.GetProperty("page_number").GetInt32()));
        Assert.False(meta.TryGetProperty("previous_page_url", out _));
        var next = new Uri(meta.GetProperty("next_page_url").GetString()!).PathAndQuery;
        Assert.Equal([active], await IdsAsync(account, next[Secrets.Length..]));
        Assert.Equal([pending], await IdsAsync(account, "?status=pending"));
        Assert.Equal([active], await IdsAsync(account, "?status=active&page_number=1"));
        Assert.Empty(await IdsAsync(account, "?page_number=2147483647&page_size=100"));
    }

    [Fact]
    public async Task Secrets_are_each_accounts_own()
    {
        var master = await Server.AccountAsync();
        var sub = await Server.AccountAsync(master.Sid);
        var id = await CreateAsync(sub, "its own");
        Assert.Empty(await IdsAsync(master, ""));
        (await PatchAsync(master, id, """{"Name":"mine"}""")).Is(404);
    }

    [Theory]
    [InlineData("POST", "{}", 400, "20002")]
    [InlineData("POST", """{"Name":""}""", 400, "20001")]
    [InlineData("POST", """{"Name":"{65}"}""", 400, "20001")]
    [InlineData("POST", """{"Name":7}""", 400, "20001")]
    [InlineData("POST", """{"Name":null}""", 400, "20001")]
    [InlineData("POST", """{"Name":"\ud800"}""", 400, "20001")]
    [InlineData("POST", """{"Name":"a","Name":"b"}""", 400, "20001")]
    [InlineData("POST", "[]", 400, "20001")]
    [InlineData("POST", "{", 400, "20001")]
    [InlineData("POST", "", 400, "20001")]
    [InlineData("POST", "Name=text", 415, "20001")]
    [InlineData("POST", "{long}", 413, "20001")]
    [InlineData("GET", "?status=asleep", 400, "20001")]
    [InlineData("GET", "?page_size=0", 400, "20001")]
    [InlineData("GET", "?page_number=x", 400, "20001")]
    [InlineData("PATCH", """{"Status":"asleep"}""", 400, "20001")]
    [InlineData("PATCH", """{"Status":"pending"}""", 409, "20409")]
    [InlineData("PATCH unknown", """{"Status":"active"}""", 404, "20404")]
    [InlineData("PATCH DE00000000000000000000000000000001", "{}", 404, "20404")]
    [InlineData("DELETE", "", 405, "20004")]
    public async Task A_refusal_has_info_instead_of_more_info(string method, string body, int http, string code)
    {
        var account = await Server.AccountAsync();
        var id = await CreateAsync(account, "own");
        var text = body.Replace("{65}", new string('n', 65), StringComparison.Ordinal)
            .Replace("{long}", new string('a', 70_000), StringComparison.Ordinal);
        var isText = body.StartsWith("Name=", StringComparison.Ordinal);
        using var content = new StringContent(text, Encoding.UTF8, isText ? "text/plain" : "application/json");
        var answer = method switch
        {
            "GET" => await account.Kore.FetchAsync(Secrets + body),
            "POST" => await account.Kore.CallAsync(HttpMethod.Post, Secrets, content),
            "DELETE" => await account.Kore.DropAsync($"{Secrets}/{id}"),
            _ => await account.Kore.CallAsync(HttpMethod.Patch, $"{Secrets}/{(method == "PATCH" ? id : method[6..])}", content),
        };
        Assert.Equal(["code", "message", "info", "status"], answer.Is(http).Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(code, answer["code"]);
        Assert.Equal([id], await IdsAsync(account, ""));
    }

    private static async Task<string> CreateAsync(OwnAccount account, string name) =>
        (await account.Kore.JsonAsync(Secrets, $$"""{"Name":"{{name}}"}""")).Is(201)["id"]!;

    private static Task<Answer> PatchAsync(OwnAccount account, string id, string json) =>
        account.Kore.CallAsync("PATCH", $"{Secrets}/{id}", json);

    private static async Task<IEnumerable<string>> IdsAsync(OwnAccount account, string query) =>
        (await account.Kore.FetchAsync(Secrets + query)).Is(200).Json.GetProperty("data").EnumerateArray()
            .Select(secret => secret.GetProperty("id").GetString()!);
}
