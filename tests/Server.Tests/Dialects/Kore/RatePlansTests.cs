using System.Text;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class RatePlansTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_plan_is_made_with_every_property_and_read_back_by_sid_and_name()
    {
        var account = await Server.AccountAsync();

        var made = (await account.Kore.FormAsync("/v1/RatePlans", ("UniqueName", "all"), ("FriendlyName", "Everything"),
            ("DataEnabled", "false"), ("DataMetering", "quota-10"), ("DataLimit", "2000000"), ("DataLimitStrategy", "throttle"),
            ("MessagingEnabled", "false"), ("VoiceEnabled", "true"), ("NationalRoamingEnabled", "true"), ("NationalRoamingDataLimit", "1"),
            ("InternationalRoaming", "data"), ("InternationalRoaming", "messaging"), ("InternationalRoamingDataLimit", "50"),
            ("Unknown", "ignored"))).Is(201);

        var sid = made["sid"]!;
        Assert.Matches("^WP[0-9a-f]{32}$", sid);
        var expected = new Dictionary<string, string?>
        {
            ["sid"] = sid,
            ["unique_name"] = "all",
            ["account_sid"] = account.Sid,
            ["friendly_name"] = "Everything",
            ["data_enabled"] = "false",
            ["data_metering"] = "quota-10",
            ["data_limit"] = "2000000",
            ["data_limit_strategy"] = "throttle",
            ["messaging_enabled"] = "false",
            ["voice_enabled"] = "true",
            ["national_roaming_enabled"] = "true",
            ["national_roaming_data_limit"] = "1",
            ["international_roaming"] = """["data","messaging"]""",
            ["international_roaming_data_limit"] = "50",
            ["date_created"] = made["date_created"],
            ["date_updated"] = made["date_created"],
            ["url"] = $"{Server.Url}v1/RatePlans/{sid}",
        };
        Assert.Equal(expected, made.Json.EnumerateObject().ToDictionary(property => property.Name, property => made[property.Name]));
        Assert.Equal(made.Text, (await account.Kore.FetchAsync($"/v1/RatePlans/{sid}")).Is(200).Text);
        Assert.Equal(made.Text, (await account.Kore.FetchAsync("/v1/RatePlans/all")).Is(200).Text);
    }

    [Fact]
    public async Task A_plan_made_of_nothing_has_data_and_messaging_and_the_default_limits()
    {
        var made = (await Server.Kore.FormAsync("/v1/RatePlans")).Is(201);

        Assert.Equal(
            (null, null, "true", "payg", "1000", "block", "true", "false", "false", "[]"),
            (made["unique_name"], made["friendly_name"], made["data_enabled"], made["data_metering"], made["data_limit"],
                made["data_limit_strategy"], made["messaging_enabled"], made["voice_enabled"], made["national_roaming_enabled"],
                made["international_roaming"]));
    }

    [Fact]
    public async Task An_update_changes_the_names_only()
    {
        var sid = (await Server.Kore.FormAsync("/v1/RatePlans", ("UniqueName", "before"), ("DataLimit", "5"))).Is(201)["sid"];

        var updated = (await Server.Kore.FormAsync("/v1/RatePlans/before", ("UniqueName", "after"), ("FriendlyName", "After"),
            ("DataLimit", "6"), ("MessagingEnabled", "no matter"), ("UsageNotificationUrl", "https://example.com"))).Is(200);

        Assert.Equal((sid, "after", "After", "5"),
            (updated["sid"], updated["unique_name"], updated["friendly_name"], updated["data_limit"]));
        Assert.Equal(updated.Text, (await Server.Kore.FetchAsync("/v1/RatePlans/after")).Is(200).Text);
        (await Server.Kore.FetchAsync("/v1/RatePlans/before")).Is(404);
        Assert.Null((await Server.Kore.FormAsync($"/v1/RatePlans/{sid}", ("UniqueName", ""), ("FriendlyName", ""))).Is(200)["unique_name"]);
    }

    [Fact]
    public async Task A_name_is_unique_within_the_account()
    {
        var (one, other) = (await Server.AccountAsync(), await Server.AccountAsync());
        var sid = (await one.Kore.FormAsync("/v1/RatePlans", ("UniqueName", "same"))).Is(201)["sid"];
        (await other.Kore.FormAsync("/v1/RatePlans", ("UniqueName", "same"))).Is(201);
        var second = (await one.Kore.FormAsync("/v1/RatePlans")).Is(201)["sid"];

        Assert.Equal("33101", (await one.Kore.FormAsync("/v1/RatePlans", ("UniqueName", "same"))).Is(400)["code"]);
        Assert.Equal("33101", (await one.Kore.FormAsync($"/v1/RatePlans/{second}", ("UniqueName", "same"))).Is(400)["code"]);
        (await one.Kore.FormAsync($"/v1/RatePlans/{sid}", ("UniqueName", "same"))).Is(200);
    }

    [Fact]
    public async Task A_list_is_paged_newest_first_and_has_the_accounts_own()
    {
        var account = await Server.AccountAsync();
        var made = new List<string>();
        for (var i = 0; i < 5; i++)
            made.Add((await account.Kore.FormAsync("/v1/RatePlans")).Is(201)["sid"]!);

        var read = new List<string>();
        string? next = "/v1/RatePlans?PageSize=2";
        while (next is not null)
        {
            var page = (await account.Kore.FetchAsync(next)).Is(200).Json;
            Assert.Equal("rate_plans", page.GetProperty("meta").GetProperty("key").GetString());
            read.AddRange(page.GetProperty("rate_plans").EnumerateArray().Select(plan => plan.GetProperty("sid").GetString()!));
            next = page.GetProperty("meta").GetProperty("next_page_url").GetString();
        }

        Assert.Equal(made.AsEnumerable().Reverse(), read);
    }

    [Fact]
    public async Task A_plan_goes_once_no_SIM_needs_it()
    {
        var account = await Server.AccountAsync();
        var plan = (await account.Kore.FormAsync("/v1/RatePlans", ("UniqueName", "used"))).Is(201)["sid"]!;
        var other = (await account.Kore.FormAsync("/v1/RatePlans")).Is(201)["sid"]!;
        var sim = await Server.SimAsync("lab", account.Sid);
        (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("RatePlan", "used"))).Is(200);

        Assert.Equal("20409", (await account.Kore.DropAsync("/v1/RatePlans/used")).Is(409)["code"]);
        (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("RatePlan", other))).Is(200);
        Assert.Equal("", (await account.Kore.DropAsync($"/v1/RatePlans/{plan}")).Is(204).Text);

        (await account.Kore.FetchAsync($"/v1/RatePlans/{plan}")).Is(404);
        (await account.Kore.DropAsync($"/v1/RatePlans/{plan}")).Is(404);
        Assert.Equal("33108", (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("RatePlan", plan))).Is(404)["code"]);
    }

    [Fact]
    public async Task A_plan_that_an_open_operation_is_to_give_is_kept()
    {
        var account = await Server.AccountAsync();
        var plan = (await account.Kore.FormAsync("/v1/RatePlans")).Is(201)["sid"]!;
        var sim = await Server.SimAsync("lab", account.Sid);
        (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "active"), ("RatePlan", plan))).Is(202);

        Assert.Equal("20409", (await account.Kore.DropAsync($"/v1/RatePlans/{plan}")).Is(409)["code"]);
        await Server.EndAsync(sim, "refused");
        (await account.Kore.DropAsync($"/v1/RatePlans/{plan}")).Is(204);
    }

    [Fact]
    public async Task Of_giving_a_plan_to_a_SIM_and_deleting_it_one_is_refused()
    {
        var account = await Server.AccountAsync();
        for (var round = 0; round < 10; round++)
        {
            var plan = (await account.Kore.FormAsync("/v1/RatePlans")).Is(201)["sid"]!;
            var sim = await Server.SimAsync("lab", account.Sid);

            var giving = account.Kore.FormAsync($"/v1/Sims/{sim}", ("RatePlan", plan));
            var deleting = account.Kore.DropAsync($"/v1/RatePlans/{plan}");

            Assert.Contains(((await giving).Status, (await deleting).Status), new[] { (200, 409), (404, 204) });
        }
    }

    [Fact]
    public async Task A_plan_belongs_to_its_account_and_a_master_reaches_those_of_its_subaccounts_by_sid()
    {
        var master = await Server.AccountAsync();
        var sub = await Server.AccountAsync(master.Sid);
        var stranger = await Server.AccountAsync();
        var plan = (await sub.Kore.FormAsync("/v1/RatePlans", ("UniqueName", "subs"))).Is(201)["sid"]!;

        (await master.Kore.FetchAsync($"/v1/RatePlans/{plan}")).Is(200);
        (await master.Kore.FetchAsync("/v1/RatePlans/subs")).Is(404);
        Assert.Equal("[]", (await master.Kore.FetchAsync("/v1/RatePlans")).Is(200)["rate_plans"]);
        (await stranger.Kore.FetchAsync($"/v1/RatePlans/{plan}")).Is(404);
        (await stranger.Kore.FormAsync($"/v1/RatePlans/{plan}", ("FriendlyName", "Mine"))).Is(404);
        (await stranger.Kore.DropAsync($"/v1/RatePlans/{plan}")).Is(404);
        var masters = (await master.Kore.FormAsync("/v1/RatePlans")).Is(201)["sid"]!;
        (await sub.Kore.FetchAsync($"/v1/RatePlans/{masters}")).Is(404);
    }

    [Fact]
    public async Task A_Narrowband_plan_says_so_and_serves_Narrowband_SIMs_only()
    {
        var account = await Server.AccountAsync();
        var made = (await account.Kore.FormAsync("/v1/RatePlans", ("Narrowband", "annual"))).Is(201);
        var narrow = await Server.SimAsync("lab", account.Sid, ("narrowband", "true"));
        var broad = await Server.SimAsync("lab", account.Sid);

        Assert.Equal("annual", made["narrowband"]);
        (await account.Kore.FormAsync($"/v1/Sims/{narrow}", ("RatePlan", made["sid"]!))).Is(200);
        Assert.Equal("33101", (await account.Kore.FormAsync($"/v1/Sims/{broad}", ("RatePlan", made["sid"]!))).Is(400)["code"]);
    }

    [Theory]
    [InlineData("DataLimit=0")]
    [InlineData("DataLimit=2000001")]
    [InlineData("DataLimit=-5")]
    [InlineData("DataLimit=1.5")]
    [InlineData("NationalRoamingDataLimit=99999999999")]
    [InlineData("InternationalRoamingDataLimit=many")]
    [InlineData("DataMetering=pooled")]
    [InlineData("DataLimitStrategy=slow")]
    [InlineData("DataEnabled=yes")]
    [InlineData("MessagingEnabled=1")]
    [InlineData("VoiceEnabled=on")]
    [InlineData("NationalRoamingEnabled=maybe")]
    [InlineData("InternationalRoaming=data&InternationalRoaming=fax")]
    [InlineData("Narrowband=yes")]
    [InlineData("UniqueName=WP00000000000000000000000000000009")]
    [InlineData("UniqueName=a%0Ab")]
    [InlineData("FriendlyName=a%00b")]
    public async Task What_no_plan_can_have_is_refused(string form)
    {
        var account = await Server.AccountAsync();
        using var content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");

        var answer = (await account.Kore.CallAsync(HttpMethod.Post, "/v1/RatePlans", content)).Is(400);

        Assert.Equal("33101", answer["code"]);
        Assert.Contains(form.Split('=')[0], answer["message"]!.Replace(" name", "Name", StringComparison.Ordinal)
            .Replace("uniqueName", "UniqueName", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("[]", (await account.Kore.FetchAsync("/v1/RatePlans")).Is(200)["rate_plans"]);
    }

    [Theory]
    [InlineData("GET", "/v1/RatePlans/nobodys", 404, "20404")]
    [InlineData("POST", "/v1/RatePlans/nobodys", 404, "20404")]
    [InlineData("DELETE", "/v1/RatePlans/WP00000000000000000000000000000000", 404, "20404")]
    [InlineData("PUT", "/v1/RatePlans", 405, "20004")]
    [InlineData("GET", "/v1/RatePlans?PageSize=0", 400, "33103")]
    public async Task What_is_not_there_is_said_so(string method, string path, int http, string code) =>
        Assert.Equal(code, (await Server.Kore.CallAsync(method, path)).Is(http)["code"]);

    [Fact]
    public async Task The_sandboxs_plans_have_data_and_messaging()
    {
        var plan = (await Server.Kore.FetchAsync("/v1/RatePlans/sandbox-plan")).Is(200);

        Assert.Equal((TestServer.PlanSid, "payg", "true", "true", "1000"),
            (plan["sid"], plan["data_metering"], plan["data_enabled"], plan["messaging_enabled"], plan["data_limit"]));
    }
}
