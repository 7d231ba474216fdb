using System.Text;
using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Dialects.Gigs.Sandbox;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>PATCH merges metadata (developers.gigs.com/docs/core/metadata). What it refuses is in <see cref="Refusals"/>.</summary>
public sealed class MetadataTests(Sandbox sandbox) : IClassFixture<Sandbox>
{

    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task PATCH_answers_the_whole_SIM_as_GET_does()
    {
        var id = await SimAsync();
        var createdAt = (await Server.Operator.FetchAsync($"/operator/v1/sims/{id}"))["createdAt"]![..19] + "Z";
        var iccid = (await Server.Operator.FetchAsync($"/operator/v1/sims/{id}"))["iccid"];
        var answer = await PatchAsync(id, """{"metadata":{"batch":"2026-01","empty":""}}""");
        Assert.Equal(200, answer.Status);
        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal(
            $$$"""
            {"object":"sim","id":"{{{id}}}","metadata":{"batch":"2026-01","empty":""},"createdAt":"{{{createdAt}}}",
            "iccid":"{{{iccid}}}","provider":"test","status":"inactive","type":"pSIM"}
            """.ReplaceLineEndings(""),
            answer.Text);
        Assert.Equal(answer.Text, (await Server.Gigs.FetchAsync($"{SimsPath}/{id}")).Text);
    }

    [Theory]
    [InlineData("""{"metadata":{"c":"3"}}""", """{"a":"1","b":"2","c":"3"}""")]
    [InlineData("""{"metadata":{"a":"9"}}""", """{"a":"9","b":"2"}""")]
    [InlineData("""{"metadata":{"a":null}}""", """{"b":"2"}""")]
    [InlineData("""{"metadata":{"a":""}}""", """{"a":"","b":"2"}""")]
    [InlineData("""{"metadata":{"z":null}}""", """{"a":"1","b":"2"}""")]
    [InlineData("""{"metadata":{"a":null,"b":null}}""", "{}")]
    [InlineData("""{"metadata":{"a":null,"c":"3","b":"2"}}""", """{"b":"2","c":"3"}""")]
    [InlineData("""{"metadata":{"A":"other"}}""", """{"a":"1","b":"2","A":"other"}""")]
    [InlineData("""{"metadata":{}}""", """{"a":"1","b":"2"}""")]
    [InlineData("{}", """{"a":"1","b":"2"}""")]
    [InlineData(" {\n\"metadata\" : {\"a\":\"\\u0039\"} } ", """{"a":"9","b":"2"}""")]
    public async Task A_patch_sets_the_keys_it_names_deletes_those_with_null_and_leaves_the_others(string patch, string expected)
    {
        var id = await SimAsync("""{"a":"1","b":"2"}""");
        Assert.Equal(expected, MetadataOf(await PatchAsync(id, patch)));
        Assert.Equal(expected, await MetadataAsync(id));
    }

    [Fact]
    public async Task Ten_keys_fit_and_one_can_be_exchanged_for_another_in_one_patch()
    {
        var ten = string.Join(',', Enumerable.Range(0, 10).Select(i => $"\"k{i}\":\"v\""));
        var id = await SimAsync("{" + ten + "}");
        Assert.Equal("{" + ten + "}", await MetadataAsync(id));
        Assert.Equal(200, (await PatchAsync(id, """{"metadata":{"k3":"other"}}""")).Status);
        Assert.Equal(422, (await PatchAsync(id, """{"metadata":{"k10":"v"}}""")).Status);
        Assert.Equal(200, (await PatchAsync(id, """{"metadata":{"k10":"v","k3":null}}""")).Status);
        Assert.Equal("{" + ten.Replace("\"k3\":\"v\",", "", StringComparison.Ordinal) + ",\"k10\":\"v\"}", await MetadataAsync(id));
    }

    [Theory]
    [InlineData("k")]
    [InlineData("\u00e4")]
    [InlineData("\U00020000")]
    public async Task Keys_have_up_to_40_characters_and_values_up_to_255_whatever_their_bytes(string character)
    {
        string Times(int count) => string.Concat(Enumerable.Repeat(character, count));
        var id = await SimAsync();
        Assert.Equal(200, (await PatchAsync(id, "{\"metadata\":{\"" + Times(40) + "\":\"" + Times(255) + "\"}}")).Status);
        Assert.Equal(422, (await PatchAsync(id, "{\"metadata\":{\"" + Times(41) + "\":\"v\"}}")).Status);
        Assert.Equal(422, (await PatchAsync(id, "{\"metadata\":{\"k2\":\"" + Times(256) + "\"}}")).Status);
        var kept = Assert.Single((await Server.Gigs.FetchAsync($"{SimsPath}/{id}")).Json.GetProperty("metadata").EnumerateObject());
        Assert.Equal((Times(40), Times(255)), (kept.Name, kept.Value.GetString()));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("  spaces  ")]
    [InlineData("\"quoted\" \\ / \b\f\n\r\t \u001f \u007f")]
    [InlineData("<script>&amp;'+")]
    [InlineData("\u00fc \u6f22 \u0627\u0644 \u2028 \U00020000")]
    [InlineData("null")]
    [InlineData("' or 1=1; --")]
    public async Task Text_comes_back_as_it_was_given(string text)
    {
        var id = await SimAsync();
        await PatchAsync(id, TestJson.Text(new { metadata = new Dictionary<string, string> { ["k"] = text, [text.Trim()] = "v" } }));
        var metadata = (await Server.Gigs.FetchAsync($"{SimsPath}/{id}")).Json.GetProperty("metadata");
        Assert.Equal(text, metadata.GetProperty("k").GetString());
        Assert.Equal("v", metadata.GetProperty(text.Trim()).GetString());
    }

    [Theory]
    [InlineData("""{"metadata":{"a":"9","b":1}}""")]
    [InlineData("""{"metadata":{"a":"9","gigs.com":"x"}}""")]
    [InlineData("""{"metadata":{"a":null,"":"x"}}""")]
    [InlineData("""{"metadata":{"a":"9"},"iccid":"x"}""")]
    [InlineData("""{"metadata":{"a":"9"},"metadata":{"b":"9"}}""")]
    [InlineData("""{"metadata":{"a":"9","a":"8"}}""")]
    [InlineData("""{"metadata":{"a":"9"}""")]
    [InlineData("""{"metadata":null}""")]
    public async Task A_refused_patch_changes_nothing_at_all(string patch)
    {
        var id = await SimAsync("""{"a":"1","b":"2"}""");
        var before = (await Server.Operator.FetchAsync($"/operator/v1/sims/{id}")).Text;
        Assert.InRange((await PatchAsync(id, patch)).Status, 400, 422);
        Assert.Equal(before, (await Server.Operator.FetchAsync($"/operator/v1/sims/{id}")).Text);
    }

    [Fact]
    public async Task A_patch_that_changes_nothing_leaves_no_trace()
    {
        var id = await SimAsync("""{"a":"1"}""");
        var before = await Server.Operator.FetchAsync($"/operator/v1/sims/{id}");
        foreach (var patch in (string[])["{}", """{"metadata":{}}""", """{"metadata":{"a":"1"}}""", """{"metadata":{"z":null}}"""])
            Assert.Equal(200, (await PatchAsync(id, patch)).Status);
        var after = await Server.Operator.FetchAsync($"/operator/v1/sims/{id}");
        Assert.Equal((before["updatedAt"], """{"a":"1"}"""), (after["updatedAt"], MetadataOf(after)));
    }

    [Fact]
    public async Task Metadata_and_what_KORE_writes_leave_each_other_alone()
    {
        var id = await SimAsync("""{"a":"1"}""");
        var kore = $"/v1/Sims/{Fleet.Sid(id)}";
        await Server.Kore.FormAsync(kore, ("FriendlyName", "Van 7"), ("UniqueName", $"van-{id}"));
        Assert.Equal("""{"a":"1"}""", await MetadataAsync(id));
        await Server.SettleAsync(id, "active", "suspended", "active");
        Assert.Equal("""{"a":"1","b":"2"}""", MetadataOf(await PatchAsync(id, """{"metadata":{"b":"2"}}""")));
        var sim = await Server.Kore.FetchAsync(kore);
        Assert.Equal(("Van 7", "active"), (sim["friendly_name"], sim["status"]));
    }

    [Fact]
    public async Task A_SIM_can_be_written_on_while_an_update_is_under_way_and_after_it_retired()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(Fleet.PromptCarriers, wall);
        var id = await server.GigsSimAsync("test", "pSIM");
        await server.RetireAsync(wall, id);
        var answer = await server.Gigs.CallAsync("PATCH", $"{SimsPath}/{id}", """{"metadata":{"a":"1"}}""");
        Assert.Equal(("retired", """{"a":"1"}"""), (answer["status"], MetadataOf(answer)));
        var open = await server.GigsSimAsync("p-manual", "pSIM");
        await server.AskAsync(Fleet.Sid(open), "active");
        Assert.Equal("""{"a":"1"}""", MetadataOf(await server.Gigs.CallAsync("PATCH", $"{SimsPath}/{open}", """{"metadata":{"a":"1"}}""")));
        Assert.Equal("updating", (await server.Operator.FetchAsync($"/operator/v1/sims/{open}"))["shown"]);
    }

    [Fact]
    public async Task Patches_at_the_same_time_all_take_effect()
    {
        var id = await SimAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => PatchAsync(id, "{\"metadata\":{\"k" + i + "\":\"v\"}}")));
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(10, (await Server.Gigs.FetchAsync($"{SimsPath}/{id}")).Json.GetProperty("metadata").EnumerateObject().Count());
    }

    [Fact]
    public async Task The_content_type_of_a_body_is_not_looked_at()
    {
        var id = await SimAsync();
        var body = new StringContent("""{"metadata":{"a":"1"}}""", Encoding.UTF8, "text/plain");
        Assert.Equal(200, (await Server.Gigs.CallAsync(HttpMethod.Patch, $"{SimsPath}/{id}", body)).Status);
    }

    private async Task<string> SimAsync(string? metadata = null)
    {
        var id = await Server.GigsSimAsync("test", "pSIM");
        if (metadata is not null)
            Assert.Equal(metadata, MetadataOf(await PatchAsync(id, "{\"metadata\":" + metadata + "}")));
        return id;
    }

    private Task<Answer> PatchAsync(string id, string json) => Server.Gigs.CallAsync("PATCH", $"{SimsPath}/{id}", json);

    private async Task<string> MetadataAsync(string id) => MetadataOf(await Server.Gigs.FetchAsync($"{SimsPath}/{id}"));

    private static string MetadataOf(Answer answer) => answer.Json.GetProperty("metadata").GetRawText();
}
