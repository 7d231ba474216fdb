using System.Globalization;
using System.Text.RegularExpressions;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed partial class AccountsTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Accounts = "/2010-04-01/Accounts.json";

    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_new_subaccount_has_the_documented_members_and_its_token_works_at_once()
    {
        var master = await Server.AccountAsync();

        var made = (await master.Kore.FormAsync(Accounts, ("FriendlyName", "Fleet north"))).Is(201);

        Assert.Equal(
            ["sid", "owner_account_sid", "friendly_name", "status", "type", "auth_token", "date_created", "date_updated",
                "uri", "subresource_uris"],
            made.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal((master.Sid, "Fleet north", "active", "Full"),
            (made["owner_account_sid"], made["friendly_name"], made["status"], made["type"]));
        Assert.Equal($"/2010-04-01/Accounts/{made["sid"]}.json", made["uri"]);
        Assert.True(DateTimeOffset.TryParseExact(made["date_created"], "ddd, dd MMM yyyy HH:mm:ss zzz", CultureInfo.InvariantCulture,
            DateTimeStyles.None, out _), made["date_created"]);
        Assert.EndsWith(" +0000", made["date_created"], StringComparison.Ordinal);
        var own = Server.Basic(made["sid"]!, made["auth_token"]!);
        Assert.Equal(made, (await own.FetchAsync(made["uri"]!)) with { Status = 201 });
        (await own.FetchAsync("/v1/Sims")).Is(200);
    }

    [Fact]
    public async Task A_subaccount_is_a_project_of_its_own()
    {
        var master = await Server.AccountAsync();
        var sid = (await master.Kore.FormAsync(Accounts)).Is(201)["sid"];

        var project = (await Server.Operator.FetchAsync($"/operator/v1/accounts/{sid}")).Is(200)["project"]!;
        var key = (await Server.Operator.JsonAsync($"/operator/v1/accounts/{sid}/keys", """{"kind":"gigs"}""")).Is(201)["secret"]!;

        Assert.Matches("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", project);
        (await Server.Bearer(key).FetchAsync($"/projects/{project}/sims")).Is(200);
    }

    [Fact]
    public async Task Without_a_name_the_time_gives_one()
    {
        var master = await Server.AccountAsync();
        Assert.Matches(DefaultName(), (await master.Kore.FormAsync(Accounts)).Is(201)["friendly_name"]);
    }

    [Fact]
    public async Task The_name_can_be_changed_by_the_master_and_by_the_account_itself()
    {
        var (master, sub) = await Server.FamilyAsync();
        Assert.Equal("One", (await master.Kore.FormAsync(Path(sub), ("FriendlyName", "One"))).Is(200)["friendly_name"]);
        Assert.Equal("Two", (await sub.Kore.FormAsync(Path(sub), ("FriendlyName", "Two"))).Is(200)["friendly_name"]);
        Assert.Equal("Three", (await master.Kore.FormAsync(Path(master), ("FriendlyName", "Three"))).Is(200)["friendly_name"]);
        Assert.Equal("Two", (await master.Kore.FetchAsync(Path(sub))).Is(200)["friendly_name"]);
    }

    [Fact]
    public async Task A_master_lists_itself_and_its_subaccounts_newest_first_and_a_subaccount_only_itself()
    {
        var (master, sub) = await Server.FamilyAsync();
        var other = await Server.AccountAsync(master.Sid);

        Assert.Equal([other.Sid, sub.Sid, master.Sid], await SidsAsync(master, ""));
        Assert.Equal([sub.Sid], await SidsAsync(sub, ""));
    }

    [Fact]
    public async Task The_list_is_filtered_by_name_and_status()
    {
        var (master, sub) = await Server.FamilyAsync();
        (await master.Kore.FormAsync(Path(sub), ("FriendlyName", "a & b"), ("Status", "suspended"))).Is(200);

        Assert.Equal([sub.Sid], await SidsAsync(master, "?FriendlyName=a%20%26%20b"));
        Assert.Equal([sub.Sid], await SidsAsync(master, "?Status=suspended"));
        Assert.Equal([master.Sid], await SidsAsync(master, "?Status=active"));
        Assert.Empty(await SidsAsync(master, "?FriendlyName=a"));
        Assert.Empty(await SidsAsync(master, "?FriendlyName=a%20%26%20b&Status=closed"));
    }

    [Fact]
    public async Task Pages_are_followed_by_relative_URIs_in_both_directions()
    {
        var (master, sub) = await Server.FamilyAsync();

        var first = (await master.Kore.FetchAsync(Accounts + "?Status=active&PageSize=1")).Is(200);
        Assert.Equal("/2010-04-01/Accounts.json?Status=active&PageSize=1&Page=0", first["first_page_uri"]);
        Assert.Equal(("0", "1", "0", "0", null),
            (first["page"], first["page_size"], first["start"], first["end"], first["previous_page_uri"]));
        Assert.Equal(sub.Sid, Sids(first).Single());
        var second = (await master.Kore.FetchAsync(first["next_page_uri"]!)).Is(200);
        Assert.Equal(("1", "1", "1", null), (second["page"], second["start"], second["end"], second["next_page_uri"]));
        Assert.Equal(master.Sid, Sids(second).Single());
        Assert.Equal(sub.Sid, Sids((await master.Kore.FetchAsync(second["previous_page_uri"]!)).Is(200)).Single());
    }

    [Fact]
    public async Task A_subaccount_reaches_neither_its_master_nor_its_siblings_and_learns_nothing_of_others()
    {
        var (master, sub) = await Server.FamilyAsync();
        var sibling = await Server.AccountAsync(master.Sid);
        var answers = new List<string>();
        foreach (var sid in new[] { master.Sid, sibling.Sid, TestServer.MasterSid, "AC" + new string('9', 32) })
        {
            answers.Add((await sub.Kore.FetchAsync($"/2010-04-01/Accounts/{sid}.json")).Is(401).Text);
            answers.Add((await sub.Kore.FormAsync($"/2010-04-01/Accounts/{sid}.json", ("FriendlyName", "x"))).Is(401).Text);
        }

        Assert.Contains("20003", Assert.Single(answers.Distinct()), StringComparison.Ordinal);
        (await sub.Kore.FormAsync(Accounts)).Is(401);
        (await sub.Kore.FormAsync(Path(sub), ("Status", "closed"))).Is(401);
    }

    [Fact]
    public async Task A_master_does_not_reach_the_accounts_of_another()
    {
        var master = await Server.AccountAsync();
        var (_, foreign) = await Server.FamilyAsync();
        Assert.Equal("20404", (await master.Kore.FetchAsync(Path(foreign))).Is(404)["code"]);
        Assert.Equal("20404", (await master.Kore.FormAsync(Path(foreign), ("Status", "closed"))).Is(404)["code"]);
        Assert.Equal("20404", (await master.Kore.FetchAsync("/2010-04-01/Accounts/nobody.json")).Is(404)["code"]);
    }

    [Fact]
    public async Task A_key_never_leads_to_an_auth_token()
    {
        var (master, sub) = await Server.FamilyAsync();
        var key = (await Server.Operator.JsonAsync($"/operator/v1/accounts/{master.Sid}/keys", """{"kind":"kore"}""")).Is(201);
        var withKey = Server.Basic(key["id"]!, key["secret"]!);

        Assert.Null((await withKey.FetchAsync(Path(master))).Is(200)["auth_token"]);
        Assert.Null((await withKey.FormAsync(Path(sub), ("FriendlyName", "x"))).Is(200)["auth_token"]);
        Assert.DoesNotContain(sub.Token, (await withKey.FetchAsync(Accounts)).Is(200).Text, StringComparison.Ordinal);
        Assert.Equal(sub.Token, (await master.Kore.FetchAsync(Path(sub))).Is(200)["auth_token"]);
        Assert.Equal(sub.Token, (await sub.Kore.FetchAsync(Path(sub))).Is(200)["auth_token"]);
        Assert.NotNull((await withKey.FormAsync(Accounts)).Is(201)["auth_token"]);
    }

    [Theory]
    [InlineData("FriendlyName", "")]
    [InlineData("FriendlyName", "{65}")]
    [InlineData("FriendlyName", "a\nb")]
    [InlineData("Status", "asleep")]
    public async Task A_wrong_value_is_refused_and_changes_nothing(string name, string value)
    {
        var (master, sub) = await Server.FamilyAsync();
        var before = await master.Kore.FetchAsync(Path(sub));

        var refused = await master.Kore.FormAsync(Path(sub), (name, value.Replace("{65}", new string('n', 65), StringComparison.Ordinal)));

        Assert.Equal("20001", refused.Is(400)["code"]);
        Assert.Equal(before, await master.Kore.FetchAsync(Path(sub)));
    }

    [Fact]
    public async Task More_subaccounts_than_allowed_are_refused()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Accounts:SubaccountsMax"] = "1" });
        var master = await server.AccountAsync();
        (await master.Kore.FormAsync(Accounts)).Is(201);
        Assert.Equal("20409", (await master.Kore.FormAsync(Accounts)).Is(409)["code"]);
    }

    private static string Path(OwnAccount account) => $"/2010-04-01/Accounts/{account.Sid}.json";

    private static IEnumerable<string> Sids(Answer list) =>
        list.Json.GetProperty("accounts").EnumerateArray().Select(account => account.GetProperty("sid").GetString()!);

    private static async Task<IEnumerable<string>> SidsAsync(OwnAccount caller, string query) =>
        Sids((await caller.Kore.FetchAsync(Accounts + query)).Is(200));

    [GeneratedRegex(@"^SubAccount Created at \d{4}-\d\d-\d\d \d\d:\d\d [ap]m$")]
    private static partial Regex DefaultName();
}
