using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Dialects.Gigs.Sandbox;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>Search for SIMs by ICCID. What it refuses is in <see cref="Refusals"/>.</summary>
public sealed class SearchTests(SearchTests.Stocked sandbox) : IClassFixture<SearchTests.Stocked>
{
    private const string Nothing = """{"object":"list","items":[],"moreItemsAfter":null,"moreItemsBefore":null}""";
    private const string Esim = "8988307000000000001";
    private const string Psim = "8988307000000000002";
    private const string Twenty = "89883070000000000010";
    private const string Retired = "8988307000000000003";
    private const string Foreign = "8988307000000000004";

    public sealed class Stocked : Sandbox
    {
        protected override async ValueTask FillAsync()
        {
            await Server.Operator.ImportRowsAsync("iccid,provider,type",
                [$"{Esim},test,eSIM", $"{Psim},test,pSIM", $"{Twenty},test,pSIM", $"{Retired},test,eSIM"]);
            await Server.Operator.ImportRowsAsync("iccid,provider,type", [$"{Foreign},test,pSIM"], TestServer.SubaccountSid);
            await Server.RetireAsync(Wall, await Server.GigsIdAsync(Retired));
        }
    }

    private HttpClient Gigs => sandbox.Server.Gigs;

    [Fact]
    public async Task A_SIM_that_is_found_is_a_list_of_one_without_cursors()
    {
        var sim = (await Gigs.FetchAsync($"{SimsPath}/{await sandbox.Server.GigsIdAsync(Esim)}")).Text;
        var answer = await SearchAsync($$"""{"iccid":"{{Esim}}"}""");
        Assert.Equal(200, answer.Status);
        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal($$"""{"object":"list","items":[{{sim}}],"moreItemsAfter":null,"moreItemsBefore":null}""", answer.Text);
    }

    [Theory]
    [InlineData(Esim, Esim)]
    [InlineData(Esim + "F", Esim)]
    [InlineData(Esim + "f", Esim)]
    [InlineData(Psim, Psim)]
    [InlineData(Twenty, Twenty)]
    [InlineData(Retired, Retired)]
    [InlineData("8988307000000000009", null)]
    [InlineData(Esim + "1", null)]
    [InlineData(Foreign, null)]
    [InlineData(Foreign + "F", null)]
    [InlineData("0000000000000000000", null)]
    public async Task The_whole_ICCID_has_to_match_and_a_filler_is_no_part_of_it(string asked, string? found) =>
        Assert.Equal(found is null ? [] : [found], (await SearchAsync($$"""{"iccid":"{{asked}}"}""")).Each("iccid"));

    [Theory]
    [InlineData(Esim, """["eSIM"]""", true)]
    [InlineData(Esim, """["pSIM"]""", false)]
    [InlineData(Psim, """["pSIM"]""", true)]
    [InlineData(Psim, """["eSIM"]""", false)]
    [InlineData(Esim, """["pSIM","eSIM"]""", true)]
    [InlineData(Psim, """["pSIM","pSIM"]""", true)]
    [InlineData(Psim, "null", true)]
    public async Task A_type_narrows_the_search(string iccid, string type, bool found)
    {
        Assert.Equal(found ? [iccid] : [], (await SearchAsync($$"""{"iccid":"{{iccid}}","type":{{type}}}""")).Each("iccid"));
        Assert.Equal(found ? [iccid] : [], (await SearchAsync($$"""{"type":{{type}},"iccid":"{{iccid}}"}""")).Each("iccid"));
    }

    [Fact]
    public async Task Nothing_found_is_an_empty_list_and_no_404()
    {
        var answer = await SearchAsync("""{"iccid":"8988307999999999999"}""");
        Assert.Equal((200, Nothing), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task Each_project_finds_its_own_SIMs_only()
    {
        var sub = sandbox.Server.Bearer("gpk_sandbox_sub");
        Assert.Equal([Foreign], (await sub.JsonAsync("/projects/sandbox-sub/sims/search", $$"""{"iccid":"{{Foreign}}"}""")).Each("iccid"));
        Assert.Equal(Nothing, (await sub.JsonAsync("/projects/sandbox-sub/sims/search", $$"""{"iccid":"{{Esim}}"}""")).Text);
    }

    [Fact]
    public async Task No_ICCID_that_was_searched_for_is_logged()
    {
        await SearchAsync("""{"iccid":"8988307777777777777"}""");
        await SearchAsync("""{"iccid":"8988307777777777777x"}""");
        Assert.DoesNotContain(sandbox.Server.Log.Lines, line => line.Contains("8988307777777777777", StringComparison.Ordinal));
    }

    private Task<Answer> SearchAsync(string json) => Gigs.JsonAsync(SimsPath + "/search", json);
}
