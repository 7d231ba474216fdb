using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Dialects.Gigs.Sandbox;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>The placeholder SIMs of a test project, and what else begins like the vendor's test SIMs.</summary>
public sealed class PlaceholderTests
{
    private const string Nothing = """{"object":"list","items":[],"moreItemsAfter":null,"moreItemsBefore":null}""";

    [Theory]
    [InlineData("8942400090000000028", "sim_test_psim", "pSIM")]
    [InlineData("8942400090000000010", "sim_test_esim", "eSIM")]
    [InlineData("8942400090000000044", "sim_test_psim_delayed_up_to_one_min", "pSIM")]
    [InlineData("8942400090000000036F", "sim_test_esim_delayed_up_to_one_min", "eSIM")]
    [InlineData("8942400090000000069", "sim_test_psim_delayed_four_hours", "pSIM")]
    [InlineData("8942400090000000051", "sim_test_esim_delayed_four_hours", "eSIM")]
    [InlineData("8942400090000000085", "sim_test_psim_delayed_twenty_four_hours", "pSIM")]
    [InlineData("8942400090000000077", "sim_test_esim_delayed_twenty_four_hours", "eSIM")]
    public async Task A_search_in_a_sandbox_finds_each_placeholder_by_its_ICCID_and_type(string iccid, string id, string type)
    {
        await using var server = await TestServer.StartAsync();
        var other = type == "eSIM" ? "pSIM" : "eSIM";

        var found = await SearchAsync(server.Gigs, $$"""{"iccid":"{{iccid}}"}""");

        Assert.Equal($$$"""
            {"object":"list","items":[{"object":"sim","id":"{{{id}}}","metadata":{},"createdAt":"2021-01-01T00:00:00Z",
            "iccid":"{{{iccid.TrimEnd('F')}}}","provider":"test","status":"inactive","type":"{{{type}}}"}],
            "moreItemsAfter":null,"moreItemsBefore":null}
            """.ReplaceLineEndings(""), found);
        Assert.Equal(found, await SearchAsync(server.Gigs, $$"""{"iccid":"{{iccid}}","type":["{{type}}"]}"""));
        Assert.Equal(Nothing, await SearchAsync(server.Gigs, $$"""{"iccid":"{{iccid}}","type":["{{other}}"]}"""));
    }

    [Fact]
    public async Task A_placeholder_is_in_no_list_and_a_SIM_of_its_own_with_that_ICCID_comes_first()
    {
        await using var server = await TestServer.StartAsync();
        var iccids = (await server.Gigs.FetchAsync(SimsPath + "?limit=200")).Each("iccid");
        Assert.DoesNotContain("8942400090000000010", iccids);
        Assert.Equal(404, (await server.Gigs.FetchAsync(SimsPath + "/sim_test_esim")).Status);
        await server.ImportAsync("iccid,provider,type\n8942400090000000010,test,pSIM\n");

        Assert.Contains("\"pSIM\"", await SearchAsync(server.Gigs, """{"iccid":"8942400090000000010"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outside_a_sandbox_there_are_none()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Sandbox:Enabled"] = "false" });
        using var credentials = System.Text.Json.JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(server.Data, "credentials.json"), TestContext.Current.CancellationToken));
        var gigs = server.Bearer(credentials.RootElement.GetProperty("gigsKey").GetString()!);

        Assert.Equal(Nothing, (await gigs.CallAsync("POST", "/projects/main/sims/search", """{"iccid":"8942400090000000010"}""")).Text);
    }

    [Fact]
    public async Task The_SIMs_of_a_sandbox_begin_as_the_vendors_test_SIMs_do()
    {
        await using var server = await TestServer.StartAsync();

        var iccids = (await server.Gigs.FetchAsync(SimsPath + "?limit=200")).Each("iccid");

        Assert.NotEmpty(iccids);
        Assert.All(iccids, iccid => Assert.StartsWith("8942424242", iccid, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_code_of_a_wrong_ICCID_is_the_newest_one_or_by_a_setting_the_older_one()
    {
        await using (var server = await TestServer.StartAsync())
            Assert.Contains("\"code\":\"invalidIccid\"", await SearchAsync(server.Gigs, """{"iccid":"1"}"""), StringComparison.Ordinal);
        await using var older = await TestServer.StartAsync(new Dictionary<string, string?> { ["Gigs:InvalidIccidCode"] = "invalidICCID" });
        Assert.Contains("\"code\":\"invalidICCID\"", await SearchAsync(older.Gigs, """{"iccid":"1"}"""), StringComparison.Ordinal);
    }

    private static async Task<string> SearchAsync(HttpClient gigs, string json) =>
        (await gigs.CallAsync("POST", SimsPath + "/search", json)).Text;
}
