using System.Text;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

/// <summary>Requests as clients in the field write them.</summary>
public sealed class ClientHabitsTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_webhook_secret_is_made_and_changed_by_a_form_as_by_JSON()
    {
        var account = await Server.AccountAsync();

        var first = (await account.Kore.FormAsync("/v1/secrets", ("Name", "by form"), ("Unknown", "x"))).Is(201);
        var second = (await account.Kore.JsonAsync("/v1/secrets", """{"Name":"by JSON"}""")).Is(201);

        Assert.Equal(("by form", "active", "pending"), (first["name"], first["status"], second["status"]));
        Assert.Equal(("renamed", "active"), Named(await PatchAsync(account, second["id"]!, "Name=renamed&Status=active")));
        Assert.Equal(("renamed", "active"), Named(await PatchAsync(account, second["id"]!, "Status=")));
        Assert.Equal("20001", (await PatchAsync(account, second["id"]!, "Status=asleep")).Is(400)["code"]);
        Assert.Equal("20002", (await account.Kore.FormAsync("/v1/secrets")).Is(400)["code"]);
        Assert.Equal("20001", (await account.Kore.FormAsync("/v1/secrets", ("Name", new string('n', 65)))).Is(400)["code"]);
        Assert.Equal("20001", (await account.Kore.CallAsync(HttpMethod.Post, "/v1/secrets",
            new StringContent("Name=%FF", Encoding.UTF8, "application/x-www-form-urlencoded"))).Is(400)["code"]);
    }

    [Theory]
    [InlineData("/v1/Sims")]
    [InlineData("/v1/RatePlans")]
    [InlineData("/v1/Commands")]
    [InlineData("/v1/UsageRecords")]
    [InlineData("/v1/Events")]
    [InlineData("/v1/Alerts")]
    [InlineData("/2010-04-01/Accounts.json")]
    public async Task A_page_by_its_number_alone_is_refused_so_that_a_client_that_counts_pages_ends(string list)
    {
        (await Server.Kore.FetchAsync($"{list}?Page=0")).Is(200);
        foreach (var page in new[] { "1", "9999", "99999999999999999999" })
        {
            var refused = (await Server.Kore.FetchAsync($"{list}?Page={page}")).Is(400);
            Assert.Equal("33103", refused["code"]);
            Assert.Contains("PageToken", refused["message"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_empty_choice_counts_as_not_given()
    {
        var sid = await Server.SimAsync();
        var before = await Server.Kore.FetchAsync($"/v1/Sims/{sid}");

        Assert.Equal(before, (await Server.Kore.FormAsync($"/v1/Sims/{sid}",
            ("Status", ""), ("ResetStatus", ""), ("CallbackMethod", ""), ("AccountSid", ""))).Is(200));

        var named = (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", ""), ("FriendlyName", "Named"))).Is(200);
        Assert.Equal(("new", "Named"), (named["status"], named["friendly_name"]));
    }

    [Fact]
    public async Task The_EID_has_the_names_that_both_vendors_give_it()
    {
        const string eid = "89049032020008884800228685580134";
        var sid = await Server.SimAsync("test", more: [("eid", eid), ("type", "eSIM")]);
        var without = await Server.SimAsync();

        var (sim, other) = (await Server.Kore.FetchAsync($"/v1/Sims/{sid}"), await Server.Kore.FetchAsync($"/v1/Sims/{without}"));

        Assert.Equal((eid, eid), (sim["e_id"], sim["eid"]));
        Assert.Equal((null, null), (other["e_id"], other["eid"]));
        var listed = (await Server.Kore.FetchAsync($"/v1/Sims?EId={eid}")).Is(200).Json.GetProperty("sims")[0];
        Assert.Equal(eid, listed.GetProperty("eid").GetString());
    }

    private static (string?, string?) Named(Answer answer) => (answer.Is(200)["name"], answer["status"]);

    private static Task<Answer> PatchAsync(OwnAccount account, string id, string form) => account.Kore.CallAsync(
        HttpMethod.Patch, $"/v1/secrets/{id}", new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded"));
}
