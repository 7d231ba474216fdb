using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Sims.Import;

/// <summary>Files whose SIMs are there already: what is empty is filled, and what differs is refused, or corrected.</summary>
public sealed class CompletedSimsTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Eid = "89049032020008884800228685580134";
    private const string Other = "89049032020008884800228685580231";
    private const string Completed = """{"imported":0,"present":1,"refused":0,"updated":1}""";
    private const string Present = """{"imported":0,"present":1,"refused":0}""";
    private const string Refused = """{"imported":0,"present":0,"refused":1}""";

    private TestServer Server => sandbox.Server;

    [Theory]
    [InlineData("imsi", "00104")]
    [InlineData("msisdn", "997")]
    public async Task An_empty_number_is_filled_once_with_an_event_and_is_then_taken(string column, string prefix)
    {
        var number = $"{prefix}{Fleet.Number():D9}";
        var (iccid, other) = (Fleet.Iccid(), Fleet.Iccid());
        await ImportAsync($"iccid\n{iccid}\n");

        Assert.Equal(Completed, await ImportAsync($"iccid,{column}\n{iccid},{number}\n"));
        Assert.Equal(Present, await ImportAsync($"iccid,{column}\n{iccid},{number}\n"));
        Assert.Equal(Present, await ImportAsync($"iccid,{column}\n{iccid},\n"));

        var sim = await SimAsync(iccid);
        Assert.Equal(number, sim.GetProperty(column).GetString());
        Assert.Equal(Refused, await ImportAsync($"iccid,{column}\n{other},{number}\n"));
        var told = Assert.Single(await UpdatesAsync(sim));
        Assert.Equal(number, told.GetProperty("data").GetProperty("updated").GetProperty(column).GetString());
        Assert.Equal(JsonValueKind.Null, told.GetProperty("data").GetProperty("previous").GetProperty(column).ValueKind);
    }

    [Fact]
    public async Task A_number_of_another_SIM_completes_none_and_leaves_nothing_taken()
    {
        var (taken, free) = ($"00105{Fleet.Number():D9}", $"997{Fleet.Number():D9}");
        var (one, two, three) = (Fleet.Iccid(), Fleet.Iccid(), Fleet.Iccid());
        await ImportAsync($"iccid,imsi\n{one},{taken}\n{two},\n");

        var lines = await Server.ImportAsync($"iccid,msisdn,imsi\n{two},{free},{taken}\n");

        Assert.Equal("imsi", lines[0].GetProperty("field").GetString());
        Assert.Equal(JsonValueKind.Null, (await SimAsync(two)).GetProperty("msisdn").ValueKind);
        Assert.Equal("""{"imported":1,"present":0,"refused":0}""", await ImportAsync($"iccid,msisdn\n{three},{free}\n"));
    }

    [Fact]
    public async Task An_update_corrects_what_differs_frees_the_former_number_and_leaves_columns_alone_that_are_empty()
    {
        var (former, right) = ($"00106{Fleet.Number():D9}", $"00106{Fleet.Number():D9}");
        var (iccid, other) = (Fleet.Iccid(), Fleet.Iccid());
        await ImportAsync($"iccid,imsi,eid,friendly_name,metadata.site\n{iccid},{former},{Eid},Pump,north\n");
        var file = $"iccid,imsi,eid,friendly_name,metadata.site,msisdn\n{iccid},{right},{Other},Valve,south,\n";

        Assert.Equal(Refused, await ImportAsync(file));
        Assert.Equal(Completed, await ImportAsync(file, "&update=true"));
        Assert.Equal(Present, await ImportAsync(file, "&update=true"));

        var sim = await SimAsync(iccid);
        Assert.Equal((right, Other, "Valve", "south"), (
            sim.GetProperty("imsi").GetString(), sim.GetProperty("eid").GetString(), sim.GetProperty("friendlyName").GetString(),
            sim.GetProperty("metadata").GetProperty("site").GetString()));
        Assert.Single(await UpdatesAsync(sim));
        Assert.Equal("""{"imported":1,"present":0,"refused":0}""", await ImportAsync($"iccid,imsi\n{other},{former}\n"));
    }

    [Fact]
    public async Task A_pSIM_by_default_becomes_an_eSIM_only_with_an_update()
    {
        var iccid = Fleet.Iccid();
        await ImportAsync($"iccid\n{iccid}\n");
        var file = $"iccid,eid,activation_code\n{iccid},{Eid},LPA:1$smdp.example.com$COMPLETED-1\n";

        var lines = await Server.ImportAsync(file);
        Assert.Equal("type", lines[0].GetProperty("field").GetString());
        Assert.Contains("--update", lines[0].GetProperty("reason").GetString());
        Assert.Equal(Completed, await ImportAsync(file, "&update=true"));

        var sim = await SimAsync(iccid);
        Assert.Equal("eSIM", sim.GetProperty("type").GetString());
        var credentials = await Server.Gigs.FetchAsync($"/projects/sandbox/sims/{sim.GetProperty("id").GetString()}/credentials");
        Assert.Equal("LPA:1$smdp.example.com$COMPLETED-1", credentials.Is(200)["activationCode"]);
        var backwards = await Server.ImportAsync($"iccid,type\n{iccid},pSIM\n", query: "format=csv&update=true");
        Assert.Equal("type", backwards[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task An_activation_code_is_filled_in_and_corrected_as_a_whole()
    {
        var iccid = Fleet.Iccid();
        await ImportAsync($"iccid,type\n{iccid},eSIM\n");
        Assert.Equal(Completed, await ImportAsync($"iccid,activation_code\n{iccid},LPA:1$smdp.example.com$FIRST\n"));

        var lines = await Server.ImportAsync($"iccid,activation_code\n{iccid},LPA:1$smdp.example.com$SECOND\n");
        Assert.Equal("matching_id", lines[0].GetProperty("field").GetString());
        Assert.Equal(Completed, await ImportAsync($"iccid,activation_code\n{iccid},LPA:1$smdp.example.com$SECOND$$1\n", "&update=true"));

        var credentials = await Server.Gigs.FetchAsync(
            $"/projects/sandbox/sims/{(await SimAsync(iccid)).GetProperty("id").GetString()}/credentials");
        Assert.Equal("LPA:1$smdp.example.com$SECOND$$1", credentials.Is(200)["activationCode"]);
        Assert.Empty(DataFolder.FilesWith(Server, "SECOND"));
    }

    [Fact]
    public async Task The_carrier_of_a_SIM_on_a_network_is_not_corrected()
    {
        var sid = await Server.SimAsync("lab");
        var iccid = (await Server.Operator.FetchAsync($"/operator/v1/sims/{sid}")).Is(200)["iccid"]!;
        Assert.Equal(Completed, await ImportAsync($"iccid,provider\n{iccid},elsewhere\n", "&update=true"));
        await Server.ReachAsync(Server.Kore, sid, "active");

        var lines = await Server.ImportAsync($"iccid,provider\n{iccid},lab\n", query: "format=csv&update=true");

        Assert.Equal("provider", lines[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_dry_run_says_what_would_happen_and_changes_nothing()
    {
        var (present, incomplete, fresh) = (Fleet.Iccid(), Fleet.Iccid(), Fleet.Iccid());
        var imsi = $"00107{Fleet.Number():D9}";
        await ImportAsync($"iccid,imsi\n{present},{imsi}\n{incomplete},\n");
        var file = $"ICC,imsi,Colour\n{present},,\n{incomplete},00108{Fleet.Number():D9},\n{fresh},,\n{Fleet.Iccid()},{imsi},\n"
            + $"{Fleet.Iccid()},00109{Fleet.Number():D9},\n{present},,\n";

        var dry = await Server.ImportAsync(file, query: "format=csv&dryRun=true");

        Assert.Equal("""{"imported":2,"present":2,"refused":2,"updated":1,"dryRun":true}""", dry[^1].GetRawText());
        Assert.Equal(
            """
            {"progress":0,"header":{"line":1,"delimiter":",",
            "columns":[{"name":"ICC","column":"iccid"},{"name":"imsi","column":"imsi"}],"ignored":["Colour"],"keys":[]}}
            """.ReplaceLineEndings(""),
            dry[0].GetRawText());
        Assert.Empty((await Server.Operator.FetchAsync($"/operator/v1/sims?iccid={fresh}")).Is(200).Json.GetProperty("items")
            .EnumerateArray());
        Assert.Empty(await UpdatesAsync(await SimAsync(incomplete)));
        var real = await Server.ImportAsync(file);
        Assert.Equal("""{"imported":2,"present":2,"refused":2,"updated":1}""", real[^1].GetRawText());
    }

    [Fact]
    public async Task A_dry_run_sees_a_number_that_comes_twice_in_different_batches()
    {
        var imsi = $"00110{Fleet.Number():D9}";
        var between = string.Concat(Enumerable.Range(0, 600).Select(_ => $"{Fleet.Iccid()},\n"));

        var dry = await Server.ImportAsync(
            $"iccid,imsi\n{Fleet.Iccid()},{imsi}\n{between}{Fleet.Iccid()},{imsi}\n", query: "format=csv&dryRun=true");

        Assert.Equal("""{"imported":601,"present":0,"refused":1,"dryRun":true}""", dry[^1].GetRawText());
    }

    [Fact]
    public async Task A_corrected_SIM_is_told_to_both_dialects()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var server = await TestServer.StartAsync();
        var iccid = Fleet.Iccid();
        (await server.Operator.JsonAsync("/operator/v1/webhook-endpoints", TestJson.Text(new
        {
            account = TestServer.MasterSid,
            url = receiver.Url,
            events = new[] { "com.gigs.sim.updated" },
        }))).Is(201);
        await server.ImportAsync($"iccid\n{iccid}\n");

        await server.ImportAsync($"iccid,provider,type,eid\n{iccid},lab,eSIM,{Eid}\n", query: "format=csv&update=true");

        var told = JsonDocument.Parse((await receiver.GotAsync(1))[0].Body).RootElement.GetProperty("data");
        Assert.Equal((iccid, "lab", "eSIM"), (
            told.GetProperty("iccid").GetString(), told.GetProperty("provider").GetString(), told.GetProperty("type").GetString()));
        var list = (await server.Kore.FetchAsync($"/v1/Sims?Iccid={iccid}F")).Is(200).Json.GetProperty("sims");
        var sim = Assert.Single(list.EnumerateArray());
        Assert.Equal(Eid, sim.GetProperty("e_id").GetString());
        var monitored = (await server.Kore.FetchAsync($"/v1/Events?ResourceSid={sim.GetProperty("sid").GetString()}")).Is(200);
        Assert.Single(monitored.Json.GetProperty("events").EnumerateArray());
    }

    private async Task<string> ImportAsync(string file, string more = "") =>
        (await Server.ImportAsync(file, query: "format=csv" + more))[^1].GetRawText();

    private async Task<JsonElement> SimAsync(string iccid) =>
        (await Server.Operator.FetchAsync($"/operator/v1/sims?iccid={iccid}")).Is(200).Json.GetProperty("items")[0];

    private async Task<IReadOnlyList<JsonElement>> UpdatesAsync(JsonElement sim) =>
    [
        .. (await Server.Operator.FetchAsync($"/operator/v1/events?sim={sim.GetProperty("sid").GetString()}&type=sim.updated")).Is(200)
            .Json.GetProperty("items").EnumerateArray(),
    ];
}
