using System.Globalization;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class KeysTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_key_is_made_shown_once_used_renamed_and_revoked()
    {
        var account = await Server.AccountAsync();
        var list = $"/2010-04-01/Accounts/{account.Sid}/Keys.json";

        var made = (await account.Kore.FormAsync(list, ("FriendlyName", "build"))).Is(201);

        var sid = made["sid"]!;
        Assert.Equal(["sid", "friendly_name", "date_created", "date_updated", "secret"],
            made.Json.EnumerateObject().Select(member => member.Name));
        Assert.Matches("^SK[0-9a-f]{32}$", sid);
        Assert.True(DateTimeOffset.TryParseExact(made["date_created"], "ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out _), made["date_created"]);
        (await Server.Basic(sid, made["secret"]!).FetchAsync("/v1/Sims")).Is(200);

        var one = $"/2010-04-01/Accounts/{account.Sid}/Keys/{sid}.json";
        var fetched = (await account.Kore.FetchAsync(one)).Is(200);
        Assert.Equal((sid, "build"), (fetched["sid"], fetched["friendly_name"]));
        Assert.False(fetched.Json.TryGetProperty("secret", out _));
        Assert.Equal("deploy", (await account.Kore.FormAsync(one, ("FriendlyName", "deploy"))).Is(200)["friendly_name"]);
        Assert.Equal("deploy", (await account.Kore.FormAsync(one)).Is(200)["friendly_name"]);
        Assert.Equal("deploy", (await account.Kore.FetchAsync(one)).Is(200)["friendly_name"]);

        (await account.Kore.DropAsync(one)).Is(204);
        (await account.Kore.FetchAsync(one)).Is(404);
        (await account.Kore.DropAsync(one)).Is(404);
        (await Server.Basic(sid, made["secret"]!).FetchAsync("/v1/Sims")).Is(401);
    }

    [Fact]
    public async Task A_list_has_the_keys_of_this_API_by_pages_newest_first()
    {
        var account = await Server.AccountAsync();
        var list = $"/2010-04-01/Accounts/{account.Sid}/Keys.json";
        (await Server.Operator.JsonAsync($"/operator/v1/accounts/{account.Sid}/keys", """{"kind":"gigs"}""")).Is(201);
        foreach (var name in new[] { "one", "two", "three" })
            (await account.Kore.FormAsync(list, ("FriendlyName", name))).Is(201);

        var first = (await account.Kore.FetchAsync(list + "?PageSize=2")).Is(200);
        Assert.Equal(["three", "two"], Names(first));
        Assert.Equal($"{list}?PageSize=2&Page=0", first["uri"]);
        Assert.Null(first["previous_page_uri"]);
        var second = (await account.Kore.FetchAsync(first["next_page_uri"]!)).Is(200);
        Assert.Equal(["one"], Names(second));
        Assert.Equal(["three", "two"], Names((await account.Kore.FetchAsync(second["previous_page_uri"]!)).Is(200)));
        Assert.Null(second["next_page_uri"]);
    }

    [Fact]
    public async Task A_master_manages_its_subaccounts_keys_and_nobody_else_does()
    {
        var (master, stranger) = (await Server.AccountAsync(), await Server.AccountAsync());
        var sub = await Server.AccountAsync(master.Sid);
        var list = $"/2010-04-01/Accounts/{sub.Sid}/Keys.json";
        var made = (await master.Kore.FormAsync(list, ("FriendlyName", "by the master"))).Is(201);

        Assert.Equal(["by the master"], Names((await sub.Kore.FetchAsync(list)).Is(200)));
        (await Server.Basic(made["sid"]!, made["secret"]!).FetchAsync("/v1/Sims")).Is(200);
        Assert.Equal("20404", (await stranger.Kore.FetchAsync(list)).Is(404)["code"]);
        Assert.Equal("20003", (await sub.Kore.FetchAsync($"/2010-04-01/Accounts/{master.Sid}/Keys.json")).Is(401)["code"]);
        (await master.Kore.FetchAsync($"/2010-04-01/Accounts/{master.Sid}/Keys/{made["sid"]}.json")).Is(404);
        (await master.Kore.DropAsync($"/2010-04-01/Accounts/{master.Sid}/Keys/{made["sid"]}.json")).Is(404);
    }

    [Fact]
    public async Task A_key_cannot_manage_keys()
    {
        var account = await Server.AccountAsync();
        var list = $"/2010-04-01/Accounts/{account.Sid}/Keys.json";
        var made = (await account.Kore.FormAsync(list)).Is(201);

        var withKey = Server.Basic(made["sid"]!, made["secret"]!);

        Assert.Equal("20003", (await withKey.FormAsync(list)).Is(401)["code"]);
        Assert.Equal("20003", (await withKey.FetchAsync(list)).Is(401)["code"]);
    }

    [Fact]
    public async Task Names_and_numbers_have_limits_and_a_closed_account_gets_no_key()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Accounts:KeysMax"] = "1" });
        var account = await server.AccountAsync();
        var list = $"/2010-04-01/Accounts/{account.Sid}/Keys.json";

        Assert.Equal("20001", (await account.Kore.FormAsync(list, ("FriendlyName", new string('a', 65)))).Is(400)["code"]);
        Assert.Equal("20001", (await account.Kore.FormAsync(list, ("FriendlyName", "a\nb"))).Is(400)["code"]);
        (await account.Kore.FormAsync(list, ("FriendlyName", new string('a', 64)))).Is(201);
        Assert.Equal("20409", (await account.Kore.FormAsync(list)).Is(409)["code"]);
        var sub = await server.AccountAsync(account.Sid);
        (await account.Kore.FormAsync($"/2010-04-01/Accounts/{sub.Sid}.json", ("Status", "closed"))).Is(200);
        Assert.Equal("20409", (await account.Kore.FormAsync($"/2010-04-01/Accounts/{sub.Sid}/Keys.json")).Is(409)["code"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?LogLevel=error&StartDate=2026-01-01&EndDate=2026-02-01T00:00:00Z&PageSize=20")]
    public async Task The_list_of_alerts_is_empty_whatever_its_filters(string query)
    {
        var alerts = (await Server.Kore.FetchAsync("/v1/Alerts" + query)).Is(200);

        Assert.Equal("[]", alerts["alerts"]);
        var meta = alerts.Json.GetProperty("meta");
        Assert.Equal("alerts", meta.GetProperty("key").GetString());
        var url = query.Length == 0 ? "?PageSize=50&Page=0"
            : "?LogLevel=error&StartDate=2026-01-01&EndDate=2026-02-01T00%3A00%3A00Z&PageSize=20&Page=0";
        Assert.Equal($"{Server.Url}v1/Alerts{url}", meta.GetProperty("url").GetString());
        Assert.Equal("20404", (await Server.Kore.FetchAsync($"/v1/Alerts/NO{new string('a', 32)}")).Is(404)["code"]);
    }

    [Fact]
    public async Task A_date_of_alerts_that_is_none_is_refused() =>
        Assert.Equal("20001", (await Server.Kore.FetchAsync("/v1/Alerts?StartDate=yesterday")).Is(400)["code"]);

    private static string[] Names(Answer list) =>
        [.. list.Json.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("friendly_name").GetString()!)];
}
