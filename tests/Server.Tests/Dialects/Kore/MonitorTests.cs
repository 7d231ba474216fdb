using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class MonitorTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_plan_and_a_status_that_settle_together_are_one_event_with_both_properties()
    {
        var (account, plan, sim) = await SimAsync();
        await Server.ReachAsync(account.Kore, sim, "active", plan);

        var happened = Assert.Single(await EventsAsync(account, $"?ResourceSid={sim}"));

        Assert.Equal(
            """{"resource_properties":{"rate_plan_sid":{"previous":null,"updated":"WP"},"status":{"previous":"new","updated":"active"}}}"""
                .Replace("WP", plan, StringComparison.Ordinal),
            happened.GetProperty("event_data").GetRawText());
        Assert.Equal(
            ["sid", "account_sid", "actor_sid", "actor_type", "description", "event_data", "event_date", "event_type", "resource_sid",
                "resource_type", "source", "source_ip_address", "url", "links"],
            happened.EnumerateObject().Select(member => member.Name));
        var sid = Text(happened, "sid");
        Assert.Matches("^AE[0-9a-f]{32}$", sid);
        Assert.Equal((account.Sid, account.Sid, "account", "api", "127.0.0.1"),
            (Text(happened, "account_sid"), Text(happened, "actor_sid"), Text(happened, "actor_type"), Text(happened, "source"),
                Text(happened, "source_ip_address")));
        Assert.Equal(("wireless-sim.updated", "wireless-sim", sim, null),
            (Text(happened, "event_type"), Text(happened, "resource_type"), Text(happened, "resource_sid"), Text(happened, "description")));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", Text(happened, "event_date"));
        var host = Server.Url.GetLeftPart(UriPartial.Authority);
        Assert.Equal($"{host}/v1/Events/{sid}", Text(happened, "url"));
        Assert.Equal($$"""{"actor":"{{host}}/2010-04-01/Accounts/{{account.Sid}}","resource":"{{host}}/v1/Sims/{{sim}}"}""",
            happened.GetProperty("links").GetRawText());
        Assert.Equal(happened.GetRawText(), (await account.Kore.FetchAsync($"/v1/Events/{sid}")).Is(200).Text);
    }

    [Fact]
    public async Task Accepting_an_asynchronous_change_is_no_event_and_its_end_is_one()
    {
        var (account, plan, sim) = await SimAsync();
        (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "active"), ("RatePlan", plan))).Is(202);
        Assert.Empty(await EventsAsync(account));

        await Server.EndAsync(sim, "refused");

        Assert.Equal("{}", Properties(Assert.Single(await EventsAsync(account))));
    }

    [Theory]
    [InlineData("FriendlyName", "Gate")]
    [InlineData("UniqueName", "gate")]
    [InlineData("SmsUrl", "https://example.com/")]
    public async Task Any_other_update_of_a_Sim_is_an_event_without_properties(string name, string value)
    {
        var (account, _, sim) = await SimAsync();
        (await account.Kore.FormAsync($"/v1/Sims/{sim}", (name, value))).Is(200);
        Assert.Equal("{}", Properties(Assert.Single(await EventsAsync(account))));
    }

    [Fact]
    public async Task What_changes_nothing_or_is_not_seen_in_this_dialect_is_no_event()
    {
        var (account, plan, sim) = await SimAsync();
        var (_, key) = await Server.KeyAsync("gigs", account: account.Sid);
        (await Server.Bearer(key).CallAsync(
            "PATCH", $"/projects/{account.Project}/sims/{Fleet.GigsId(sim)}", """{"metadata":{"site":"north"}}""")).Is(200);
        (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "new"))).Is(200);
        (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", ""))).Is(200);
        Assert.Empty(await EventsAsync(account));
        (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("RatePlan", plan))).Is(200);
        Assert.Single(await EventsAsync(account));
    }

    [Fact]
    public async Task What_a_timer_or_an_operator_did_comes_from_the_platform_itself()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.AccountAsync();
        var sim = await server.SimAsync("test", account.Sid);
        (await server.Operator.CallAsync("POST", $"/operator/v1/sims/{sim}/deactivate")).Is(202);
        await Calls.UntilAsync(() => account.Kore.FetchAsync($"/v1/Sims/{sim}"), answer => answer["status"] is "deactivated");
        (await server.Operator.JsonAsync("/operator/v1/clock/advance", """{"by":"72h"}""")).Is(200);

        var events = await EventsAsync(account);

        Assert.Equal(
            [
                """{"status":{"previous":"deactivated","updated":"canceled"}}""",
                """{"status":{"previous":"new","updated":"deactivated"}}""",
            ],
            events.Select(Properties));
        foreach (var happened in events)
        {
            Assert.Equal(("twilio", "twilio-admin", null, null),
                (Text(happened, "source"), Text(happened, "actor_type"), Text(happened, "actor_sid"), Text(happened, "source_ip_address")));
            Assert.False(happened.GetProperty("links").TryGetProperty("actor", out _));
        }
        Assert.Empty(await EventsAsync(account, "?SourceIpAddress=127.0.0.1"));
    }

    [Fact]
    public async Task Events_outlive_their_SIM()
    {
        var (account, _, sim) = await SimAsync();
        (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "Gate"))).Is(200);
        (await account.Kore.DropAsync($"/v1/Sims/{sim}")).Is(204);
        Assert.Single(await EventsAsync(account, $"?ResourceSid={sim}"));
    }

    [Fact]
    public async Task Each_filter_takes_what_it_names_and_pages_go_both_ways()
    {
        var master = await Server.AccountAsync();
        var sub = await Server.AccountAsync(master.Sid);
        var one = await Server.SimAsync("lab", sub.Sid);
        var other = await Server.SimAsync("lab", sub.Sid);
        foreach (var (caller, sim) in new[] { (sub, one), (master, one), (sub, other), (sub, one), (master, other) })
            (await caller.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", $"n{Fleet.Number()}"))).Is(200);
        var all = await EventsAsync(sub);
        Assert.Equal(5, all.Count);
        Assert.Equal(all.Select(Sid).OrderDescending(), all.Select(Sid));
        Assert.Empty(await EventsAsync(master));

        foreach (var (query, belongs) in new (string, Func<JsonElement, bool>)[]
        {
            ($"ResourceSid={one}", happened => Text(happened, "resource_sid") == one),
            ($"ActorSid={master.Sid}", happened => Text(happened, "actor_sid") == master.Sid),
            ("EventType=wireless-sim.updated", _ => true),
            ("EventType=account.updated", _ => false),
            ("SourceIpAddress=127.0.0.1", _ => true),
            ("SourceIpAddress=::ffff:127.0.0.1", _ => true),
            ("SourceIpAddress=10.0.0.1", _ => false),
            ("SourceIpAddress=nonsense", _ => false),
            ("ResourceSid=WP00000000000000000000000000000001", _ => false),
            ($"ResourceSid={TestServer.MasterSid}", _ => false),
        })
        {
            var wanted = all.Where(belongs).Select(Sid).ToList();
            Assert.Equal(wanted, (await EventsAsync(sub, "?" + query)).Select(Sid));
            Assert.Equal(wanted, await WalkAsync(sub, $"/v1/Events?{query}&PageSize=2"));
        }
    }

    [Fact]
    public async Task Dates_bound_the_list_to_the_second_and_go_with_a_filter()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.AccountAsync();
        var sim = await server.SimAsync("lab", account.Sid);
        (await server.Operator.CallAsync("POST", "/operator/v1/clock/freeze")).Is(200);
        for (var i = 0; i < 4; i++)
        {
            (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", $"n{i}"))).Is(200);
            (await server.Operator.JsonAsync("/operator/v1/clock/advance", """{"by":"24h"}""")).Is(200);
        }
        var all = await EventsAsync(account);
        var dates = all.Select(happened => Text(happened, "event_date")!).ToList();

        Assert.Equal(all.Take(3).Select(Sid), (await EventsAsync(account, $"?StartDate={dates[2]}")).Select(Sid));
        Assert.Equal(all.Skip(1).Select(Sid), (await EventsAsync(account, $"?EndDate={dates[1]}")).Select(Sid));
        Assert.Equal([Sid(all[2])],
            (await EventsAsync(account, $"?StartDate={dates[2]}&EndDate={dates[2]}&ResourceSid={sim}")).Select(Sid));
        var day = dates[2][..10];
        Assert.Equal([Sid(all[2])], (await EventsAsync(account, $"?StartDate={day}&EndDate={day}")).Select(Sid));
        Assert.Equal(all.Skip(1).Take(2).Select(Sid),
            await WalkAsync(account, $"/v1/Events?StartDate={dates[2]}&EndDate={dates[1]}&PageSize=1"));
        Assert.Empty(await EventsAsync(account, $"?StartDate={dates[0]}&EndDate={dates[3]}"));
        Assert.Empty(await EventsAsync(account, "?EndDate=1969-07-20"));
        Assert.Empty(await EventsAsync(account, "?StartDate=9999-12-31&EndDate=9999-12-31"));
        Assert.Empty(await EventsAsync(account, "?StartDate=9999-12-31T23:59:59Z&EndDate=9999-12-31T23:59:59.9999999Z"));
    }

    [Theory]
    [InlineData("ActorSid=AC00000000000000000000000000000001&EventType=wireless-sim.updated")]
    [InlineData("ResourceSid=DE00000000000000000000000000000001&SourceIpAddress=127.0.0.1")]
    [InlineData("ActorSid=a&EventType=b&ResourceSid=c&SourceIpAddress=d")]
    public async Task Two_filters_are_refused_with_the_documented_message(string query)
    {
        var refused = (await Server.Kore.FetchAsync($"/v1/Events?{query}")).Is(400);
        Assert.Equal(("20004", "https://www.twilio.com/docs/errors/20004"), (refused["code"], refused["more_info"]));
        Assert.Equal(
            "Invalid combination of AuditEvent filters, no combinations of "
            + "ResourceSid, SourceIpAddress, ActorSid, and EventType are supported.",
            refused["message"]);
    }

    [Theory]
    [InlineData("StartDate=yesterday")]
    [InlineData("EndDate=2026-13-01")]
    [InlineData("StartDate=2026-01-01T00:00")]
    [InlineData("EndDate=01/02/2026")]
    public async Task A_date_that_is_none_is_refused(string query) =>
        Assert.Equal("20001", (await Server.Kore.FetchAsync($"/v1/Events?{query}")).Is(400)["code"]);

    [Fact]
    public async Task Events_of_others_and_what_is_no_event_are_not_found()
    {
        var (account, _, sim) = await SimAsync();
        (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "Gate"))).Is(200);
        var sid = Sid((await EventsAsync(account))[0]);
        var created = (await Server.Operator.FetchAsync($"/operator/v1/events?sim={sim}&type=sim.created")).Is(200).Json
            .GetProperty("items")[0].GetProperty("id").GetString();
        Assert.True(Ids.TryParseBase62("evt", created, out var imported));
        (await Server.Kore.FetchAsync($"/v1/Events/{sid}")).Is(404);
        (await account.Kore.FetchAsync($"/v1/Events/{Ids.ToSid("AE", imported)}")).Is(404);
        (await account.Kore.FetchAsync("/v1/Events/nonsense")).Is(404);
        Assert.Equal("20004", (await account.Kore.DropAsync($"/v1/Events/{sid}")).Is(405)["code"]);
    }

    [Fact]
    public async Task Events_are_shown_for_ever_unless_the_setting_says_how_long()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Events:Keep"] = "24h" });
        var account = await server.AccountAsync();
        var sim = await server.SimAsync("lab", account.Sid);
        (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "old"))).Is(200);
        var old = Sid((await EventsAsync(account)).Single());
        (await server.Operator.JsonAsync("/operator/v1/clock/advance", """{"by":"25h"}""")).Is(200);
        (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "new"))).Is(200);
        Assert.NotEqual(old, Sid((await EventsAsync(account, "?StartDate=2020-01-01")).Single()));
        (await account.Kore.FetchAsync($"/v1/Events/{old}")).Is(404);
    }

    [Theory]
    [SqliteOnly]
    [InlineData("", "events_monitor ")]
    [InlineData("and sim_id = x'00'", "events_monitor_sim ")]
    [InlineData("and actor_kind = 'account' and actor_sid = ''", "events_monitor_actor ")]
    [InlineData("and actor_kind = 'account' and actor_address = ''", "events_monitor_address ")]
    public void Every_filter_has_an_index_that_gives_the_order_too(string filter, string index)
    {
        var plan = string.Join('\n', Store.Rows(Server, $"""
            explain query plan select id, data from events where org_id = x'00' and account_id = x'00' {filter}
              and monitor_id > x'00' and monitor_id < x'ff' order by monitor_id desc limit 50
            """));
        Assert.Contains(index, plan, StringComparison.Ordinal);
        Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
    }

    private static string? Text(JsonElement happened, string name) => happened.GetProperty(name).GetString();

    private static string Sid(JsonElement happened) => Text(happened, "sid")!;

    private static string Properties(JsonElement happened) =>
        happened.GetProperty("event_data").GetProperty("resource_properties").GetRawText();

    private static async Task<IReadOnlyList<JsonElement>> EventsAsync(OwnAccount account, string query = "") =>
        [.. (await account.Kore.FetchAsync("/v1/Events" + query)).Is(200).Json.GetProperty("events").EnumerateArray()];

    /// <summary>The sids of all pages, and back again.</summary>
    private static async Task<List<string>> WalkAsync(OwnAccount account, string url)
    {
        var sids = new List<string>();
        for (var next = url; next is not null;)
        {
            var page = (await account.Kore.FetchAsync(next)).Is(200);
            var items = page.Json.GetProperty("events").EnumerateArray().Select(Sid).ToList();
            sids.AddRange(items);
            var meta = page.Json.GetProperty("meta");
            next = meta.GetProperty("next_page_url").GetString();
            if (meta.GetProperty("previous_page_url").GetString() is { } back)
            {
                var before = (await account.Kore.FetchAsync(back)).Is(200).Json.GetProperty("events").EnumerateArray().Select(Sid).ToList();
                Assert.Equal(sids.SkipLast(items.Count).TakeLast(before.Count), before);
            }
        }
        return sids;
    }

    private async Task<(OwnAccount Account, string Plan, string Sim)> SimAsync()
    {
        var account = await Server.AccountAsync();
        return (account, Store.AddPlan(Server, account.Sid), await Server.SimAsync("lab", account.Sid));
    }
}
