using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Operator;

public sealed class AccountsTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Accounts = "/operator/v1/accounts";

    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_master_account_is_made_and_works_in_both_dialects_at_once()
    {
        var project = $"made-{Fleet.Number()}";
        var made = (await Server.Operator.JsonAsync(Accounts, $$"""{"name":"Ünï","project":"{{project}}"}""")).Is(201);

        Assert.Matches("^AC[0-9a-f]{32}$", made["sid"]);
        Assert.Equal(("Ünï", project, null), (made["name"], made["project"], made["parent"]));
        Assert.Equal("[]", (await Server.Basic(made["sid"]!, made["authToken"]!).FetchAsync("/v1/Sims")).Is(200)["sims"]);
        var key = await KeyAsync(made["sid"]!, """{"kind":"gigs"}""");
        (await Server.Bearer(key["secret"]!).FetchAsync($"/projects/{project}/sims")).Is(200);
    }

    [Fact]
    public async Task A_subaccount_belongs_to_its_master_and_can_have_none_of_its_own()
    {
        var master = await Server.AccountAsync();
        var sub = await Server.AccountAsync(master.Sid);
        var sid = await Server.SimAsync("lab", sub.Sid);

        Assert.Equal(master.Sid, (await Server.Operator.FetchAsync($"{Accounts}/{sub.Sid}")).Is(200)["parent"]);
        (await master.Kore.FetchAsync($"/v1/Sims/{sid}")).Is(200);
        var body = $$"""{"name":"n","project":"own-{{Fleet.Number()}}","parent":"{{sub.Sid}}"}""";
        Assert.Equal("parent", (await Server.Operator.JsonAsync(Accounts, body)).Is(400)["field"]);
    }

    [Fact]
    public async Task The_auth_token_is_shown_once()
    {
        var account = await Server.AccountAsync();

        Assert.DoesNotContain(account.Token, (await Server.Operator.FetchAsync($"{Accounts}/{account.Sid}")).Is(200).Text);
        foreach (var page in await PagesAsync(Accounts))
            Assert.DoesNotContain(account.Token, page.Text);
        Assert.DoesNotContain(account.Token, (await Server.Operator.FetchAsync($"{Accounts}/{account.Sid}/keys")).Is(200).Text);
    }

    [Fact]
    public async Task Accounts_are_listed_in_pages_each_once()
    {
        await Server.AccountAsync();
        await Server.AccountAsync();

        var sids = (await PagesAsync($"{Accounts}?limit=2")).SelectMany(page => page.Items)
            .Select(account => account.GetProperty("sid").GetString()).ToList();

        Assert.Equal(sids.Distinct(), sids);
        Assert.Contains(TestServer.MasterSid, sids);
        Assert.Contains(TestServer.SubaccountSid, sids);
        Assert.True(sids.Count >= 4);
    }

    [Fact]
    public async Task A_KORE_key_logs_in_with_its_id_and_secret()
    {
        var account = await Server.AccountAsync();
        var key = await KeyAsync(account.Sid, """{"kind":"kore","name":"ci","role":"write"}""");

        Assert.Matches("^SK[0-9a-f]{32}$", key["id"]);
        Assert.Equal(("kore", "write", "ci", null), (key["kind"], key["role"], key["name"], key["expiresAt"]));
        var sid = await Server.SimAsync("lab", account.Sid);
        (await Server.Basic(key["id"]!, key["secret"]!).FormAsync($"/v1/Sims/{sid}", ("FriendlyName", "by key"))).Is(200);
        (await Server.Basic(account.Sid, key["secret"]!).FetchAsync("/v1/Sims")).Is(401);
        (await Server.Basic(key["id"]!, account.Token).FetchAsync("/v1/Sims")).Is(401);
    }

    [Theory]
    [InlineData("gigs", "^apk_[0-9A-Za-z]{22}$")]
    [InlineData("kore", "^SK[0-9a-f]{32}$")]
    [InlineData("client", "^cli_[0-9A-Za-z]{22}$")]
    public async Task A_key_of_each_kind_has_its_secret_shown_once_and_is_listed_until_revoked(string kind, string id)
    {
        var account = await Server.AccountAsync();
        var keys = $"{Accounts}/{account.Sid}/keys";
        var key = await KeyAsync(account.Sid, $$"""{"kind":"{{kind}}"}""");

        Assert.Matches(id, key["id"]);
        Assert.Equal("write", key["role"]);
        var listed = (await Server.Operator.FetchAsync(keys)).Is(200);
        Assert.Equal([key["id"]], listed.Items.Select(item => item.GetProperty("id").GetString()));
        Assert.DoesNotContain(key["secret"]!, listed.Text);
        Assert.DoesNotContain("secret", listed.Text);
        (await Server.Operator.DropAsync($"{keys}/{key["id"]}")).Is(204);
        Assert.Equal("""{"items":[],"next":null}""", (await Server.Operator.FetchAsync(keys)).Is(200).Text);
        Assert.Equal("notFound", (await Server.Operator.DropAsync($"{keys}/{key["id"]}")).Is(404)["code"]);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_from_the_next_request_on()
    {
        var account = await Server.AccountAsync();
        var kore = await KeyAsync(account.Sid, """{"kind":"kore"}""");
        var gigs = await KeyAsync(account.Sid, """{"kind":"gigs"}""");
        (await Server.Basic(kore["id"]!, kore["secret"]!).FetchAsync("/v1/Sims")).Is(200);
        (await Server.Bearer(gigs["secret"]!).FetchAsync($"/projects/{account.Project}/sims")).Is(200);

        (await Server.Operator.DropAsync($"{Accounts}/{account.Sid}/keys/{kore["id"]}")).Is(204);
        (await Server.Operator.DropAsync($"{Accounts}/{account.Sid}/keys/{gigs["id"]}")).Is(204);

        (await Server.Basic(kore["id"]!, kore["secret"]!).FetchAsync("/v1/Sims")).Is(401);
        (await Server.Bearer(gigs["secret"]!).FetchAsync($"/projects/{account.Project}/sims")).Is(401);
        (await account.Kore.FetchAsync("/v1/Sims")).Is(200);
    }

    [Fact]
    public async Task A_key_is_revoked_through_its_own_account_only()
    {
        var master = await Server.AccountAsync();
        var sub = await Server.AccountAsync(master.Sid);
        var key = await KeyAsync(sub.Sid, """{"kind":"kore"}""");

        (await Server.Operator.DropAsync($"{Accounts}/{master.Sid}/keys/{key["id"]}")).Is(404);
        (await Server.Basic(key["id"]!, key["secret"]!).FetchAsync("/v1/Sims")).Is(200);
    }

    [Fact]
    public async Task A_key_ends_at_its_time()
    {
        var time = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: time);
        var expiresAt = time.GetUtcNow().AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");
        var key = (await server.Operator.JsonAsync(
            $"{Accounts}/{TestServer.MasterSid}/keys", $$"""{"kind":"kore","expiresAt":"{{expiresAt}}"}""")).Is(201);
        var client = server.Basic(key["id"]!, key["secret"]!);
        Assert.Equal(expiresAt, key["expiresAt"]);
        (await client.FetchAsync("/v1/Sims")).Is(200);

        time.Move(TimeSpan.FromHours(1));

        (await client.FetchAsync("/v1/Sims")).Is(401);
    }

    [Fact]
    public async Task A_read_only_key_reads_and_no_more()
    {
        var account = await Server.AccountAsync();
        var sid = await Server.SimAsync("lab", account.Sid);
        var key = await KeyAsync(account.Sid, """{"kind":"kore","role":"read"}""");
        var reader = Server.Basic(key["id"]!, key["secret"]!);

        (await reader.FetchAsync($"/v1/Sims/{sid}")).Is(200);
        Assert.Equal("20006", (await reader.FormAsync($"/v1/Sims/{sid}", ("FriendlyName", "x"))).Is(403)["code"]);
        Assert.Equal("20006", (await reader.DropAsync($"/v1/Sims/{sid}")).Is(403)["code"]);
    }

    [Fact]
    public async Task Operator_keys_are_made_read_only_and_revoked_the_same_way()
    {
        var key = (await Server.Operator.JsonAsync("/operator/v1/operator-keys", """{"role":"read","name":"watch"}""")).Is(201);
        Assert.Matches("^opk_", key["id"]);
        var watcher = Server.Bearer(key["secret"]!);

        (await watcher.FetchAsync(Accounts)).Is(200);
        Assert.Equal("readOnlyKey", (await watcher.JsonAsync(Accounts, """{"name":"n","project":"nope"}""")).Is(403)["code"]);
        Assert.DoesNotContain(key["secret"]!, (await Server.Operator.FetchAsync("/operator/v1/operator-keys")).Is(200).Text);
        (await Server.Operator.DropAsync($"/operator/v1/operator-keys/{key["id"]}")).Is(204);
        (await watcher.FetchAsync(Accounts)).Is(401);
    }

    [SqliteOnly]
    [Fact]
    public async Task No_secret_is_in_the_data_folder_in_clear()
    {
        var account = await Server.AccountAsync();
        var key = await KeyAsync(account.Sid, """{"kind":"kore"}""");
        Assert.Empty(DataFolder.FilesWith(Server, account.Token));
        Assert.Empty(DataFolder.FilesWith(Server, key["secret"]!));
        Assert.NotEmpty(DataFolder.FilesWith(Server, account.Project));
    }

    private async Task<Answer> KeyAsync(string account, string json) =>
        (await Server.Operator.JsonAsync($"{Accounts}/{account}/keys", json)).Is(201);

    private async Task<List<Answer>> PagesAsync(string path)
    {
        var pages = new List<Answer> { (await Server.Operator.FetchAsync(path)).Is(200) };
        while (pages[^1]["next"] is { } next)
            pages.Add((await Server.Operator.FetchAsync($"{path}{(path.Contains('?') ? '&' : '?')}after={next}")).Is(200));
        return pages;
    }
}
