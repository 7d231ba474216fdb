using System.Net;
using System.Text;
using System.Text.Json;
using Simkeeper.Server.Tests.Peers;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Sims;

public sealed class ImportTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private TestServer Server => sandbox.Server;

    [Theory]
    [InlineData("cards.csv", "format=csv")]
    [InlineData("vendor-10000.out", "format=out&provider=lab")]
    public async Task A_sample_is_imported_and_the_second_time_all_of_it_is_present(string sample, string query)
    {
        await using var server = await TestServer.StartAsync();
        var file = await File.ReadAllTextAsync(Path.Combine(Peer.Repository, "samples", sample), TestContext.Current.CancellationToken);

        var first = (await server.ImportAsync(file, query: query))[^1];
        var second = (await server.ImportAsync(file, query: query))[^1];

        var count = first.GetProperty("imported").GetInt64();
        Assert.Equal(sample == "cards.csv" ? 12 : 10_000, count);
        Assert.Equal((0, 0), Rest(first));
        Assert.Equal($$"""{"imported":0,"present":{{count}},"refused":0}""", second.GetRawText());
        Assert.Equal([$"{count}"], Store.Rows(server, "select count(*) from sims where iccid like '8942421%' or iccid like '8942422%'"));
        foreach (var secret in Keys(file, sample))
            Assert.Empty(DataFolder.FilesWith(server, secret));
    }

    [Theory]
    [InlineData("imsi", "001010000009001", "001010000009002")]
    [InlineData("msisdn", "999000009001", "999000009002")]
    [InlineData("eid", "89049032020008884800228685580134", "89049032020008884800228685580231")]
    [InlineData("type", "pSIM", "eSIM")]
    [InlineData("smdp_address", "smdp.example.com", "other.example.com")]
    [InlineData("matching_id", "CANARY-ONE", "CANARY-TWO")]
    [InlineData("provider", "lab", "elsewhere")]
    public async Task An_identity_column_that_differs_is_refused_by_name_and_a_column_left_out_is_not_compared(
        string column, string value, string other)
    {
        var iccid = Fleet.Iccid();
        var activation = column == "matching_id" ? (Header: ",smdp_address", Value: ",smdp.example.com") : (Header: "", Value: "");
        string File(string of) => $"iccid,{column}{activation.Header}\n{iccid},{of}{activation.Value}\n";
        var query = column == "provider" ? "format=csv" : "format=csv&provider=lab";
        Assert.Equal("""{"imported":1,"present":0,"refused":0}""", (await Server.ImportAsync(File(value), query: query))[^1].GetRawText());

        Assert.Equal("""{"imported":0,"present":1,"refused":0}""", (await Server.ImportAsync(File(value), query: query))[^1].GetRawText());
        Assert.Equal("""{"imported":0,"present":1,"refused":0}""", (await Server.ImportAsync($"iccid\n{iccid}\n"))[^1].GetRawText());
        var refused = await Server.ImportAsync(File(other), query: query);

        Assert.Equal((2, iccid, column), Refusal(refused[0]));
        Assert.DoesNotContain(other, refused[0].GetProperty("reason").GetString()!);
        Assert.Equal("""{"imported":0,"present":0,"refused":1}""", refused[^1].GetRawText());
    }

    [Theory]
    [InlineData("imsi", "00101")]
    [InlineData("msisdn", "999")]
    public async Task A_number_that_another_SIM_has_is_refused_and_nothing_of_the_row_stays(string column, string prefix)
    {
        var number = $"{prefix}{Fleet.Number():D10}";
        var (taken, free) = (Fleet.Iccid(), Fleet.Iccid());
        var other = column == "imsi" ? ("msisdn", $"998{Fleet.Number():D9}") : ("imsi", $"00102{Fleet.Number():D10}");
        await Server.ImportAsync($"iccid,{column}\n{taken},{number}\n", TestServer.SubaccountSid);

        var lines = await Server.ImportAsync($"iccid,{column},{other.Item1},unique_name\n{free},{number},{other.Item2},u-{number}\n");

        Assert.Equal((2, free, column), Refusal(lines[0]));
        Assert.Equal("""{"imported":1,"present":0,"refused":0}""",
            (await Server.ImportAsync($"iccid,{other.Item1},unique_name\n{free},{other.Item2},u-{number}\n"))[^1].GetRawText());
    }

    [Fact]
    public async Task A_unique_name_that_the_account_has_is_refused_and_nothing_of_the_row_stays()
    {
        var name = $"name-{Fleet.Number()}";
        var imsi = $"00101{Fleet.Number():D10}";
        await Server.SimAsync("lab", TestServer.MasterSid, ("unique_name", name));
        var iccid = Fleet.Iccid();

        var lines = await Server.ImportAsync($"iccid,imsi,unique_name\n{iccid},{imsi},{name}\n");

        Assert.Equal((2, iccid, "unique_name"), Refusal(lines[0]));
        Assert.DoesNotContain("cancel", lines[0].GetProperty("reason").GetString()!);
        Assert.Equal(1, (await Server.ImportAsync($"iccid,imsi\n{iccid},{imsi}\n"))[^1].GetProperty("imported").GetInt32());
    }

    [Fact]
    public async Task A_SIM_that_was_edited_or_moved_is_present_and_one_of_another_customer_is_refused()
    {
        var iccid = Fleet.Iccid();
        var file = $"iccid,unique_name,friendly_name,user,metadata.site\n{iccid},n-{iccid},Pump,usr_1,north\n";
        await Server.ImportAsync(file);
        var sid = (await Server.Kore.FetchAsync($"/v1/Sims/n-{iccid}")).Is(200)["sid"];
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}",
            ("UniqueName", ""), ("FriendlyName", "Edited"), ("AccountSid", TestServer.SubaccountSid))).Is(200);

        Assert.Equal("""{"imported":0,"present":1,"refused":0}""", (await Server.ImportAsync(file))[^1].GetRawText());

        var sim = (await Server.Kore.FetchAsync($"/v1/Sims/{sid}")).Is(200);
        Assert.Equal((TestServer.SubaccountSid, "Edited", null), (sim["account_sid"], sim["friendly_name"], sim["unique_name"]));
        var stranger = await Server.AccountAsync();
        Assert.Equal((2, iccid, "iccid"), Refusal((await Server.ImportAsync(file, stranger.Sid))[0]));
    }

    [Fact]
    public async Task Each_refused_row_has_line_ICCID_field_and_reason_and_the_rest_is_imported()
    {
        var (good, twice, late) = (Fleet.Iccid(), Fleet.Iccid(), Fleet.Iccid());
        var lines = await Server.ImportAsync($"""
            iccid,imsi,type,provider
            {good},,,lab
            {twice},,,lab
            {twice},001010000008001,,lab
            123,,,lab
            {Fleet.Iccid()},12x,,lab

            {late},,vSIM,lab
            {late},,,Lab!
            {late},,
            {twice},,,lab
            """);

        Assert.Equal(
            [(4, "iccid"), (5, "iccid"), (6, "imsi"), (8, "type"), (9, "provider"), (10, null), (11, "iccid")],
            lines.SkipLast(1).Where(line => line.TryGetProperty("line", out _)).Select(line => Refusal(line))
                .Select(r => (r.Line, r.Field)));
        Assert.All(lines.SkipLast(1), line =>
            Assert.Equal(["line", "iccid", "field", "reason"], line.EnumerateObject().Select(property => property.Name)));
        Assert.Equal("""{"imported":2,"present":0,"refused":7}""", lines[^1].GetRawText());
    }

    [Fact]
    public async Task A_client_that_reads_nothing_before_it_has_sent_everything_gets_all_of_50_000_refusals()
    {
        const int Count = 50_000;
        var file = new StringBuilder("iccid,provider\n");
        for (var i = 0; i < Count; i++)
            file.Append("8988").Append(i).Append(",lab\n");

        var lines = await Server.ImportAsync(file.ToString());

        Assert.Equal(Enumerable.Range(2, Count),
            lines.Where(line => line.TryGetProperty("line", out _)).Select(line => Refusal(line).Line));
        Assert.Equal($$"""{"imported":0,"present":0,"refused":{{Count}}}""", lines[^1].GetRawText());
    }

    [Fact]
    public async Task A_client_that_goes_away_in_the_middle_loses_and_doubles_nothing()
    {
        const int Count = 3_000;
        await using var server = await TestServer.StartAsync();
        var rows = Enumerable.Range(0, Count).Select(i => $"{Fleet.Iccid()},00103{i:D10},lab\n").ToArray();
        string Imported() => Store.Rows(server, "select count(*) from sims where iccid like '898830%'")[0];
        using var gone = new CancellationTokenSource();
        using var half = new Interrupted("iccid,imsi,provider\n" + string.Concat(rows[..2_000]));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/operator/v1/accounts/{TestServer.MasterSid}/sims/import?format=csv")
        {
            Content = half,
        };
        var sending = server.Operator.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, gone.Token);
        await Calls.UntilAsync(() => Task.FromResult(Imported()), count => int.Parse(count) >= 1_000);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);

        var last = (await server.ImportAsync("iccid,imsi,provider\n" + string.Concat(rows)))[^1];

        Assert.InRange(last.GetProperty("present").GetInt32(), 1_000, 2_000);
        Assert.Equal(Count, last.GetProperty("present").GetInt32() + last.GetProperty("imported").GetInt32());
        Assert.Equal($"{Count}", Imported());
        Assert.Equal([$"{Count}"], Store.Rows(server, """
            select count(*) from events where type = 'sim.created' and sim_id in (select id from sims where iccid like '898830%')
            """));
    }

    [SqliteOnly]
    [Fact]
    public async Task Matching_ids_and_keys_of_the_card_are_nowhere_in_the_data_folder_in_clear()
    {
        await using var server = await TestServer.StartAsync();
        var iccid = Fleet.Iccid();
        var row = $"{iccid},CANARY-MATCHING,smdp.example.com,CANARYKI00000000CANARYKI00000000,CANARYPIN,CANARYADM,seen-in-clear\n";
        await server.ImportAsync("iccid,matching_id,smdp_address,Ki,PIN1,adm_code,friendly_name\n" + row);
        await server.ImportAsync("iccid,matching_id,smdp_address,Ki,PIN1,adm_code,friendly_name\n" + row.Replace("MATCHING", "ANOTHER"));

        Assert.NotEmpty(DataFolder.FilesWith(server, "seen-in-clear"));
        Assert.Empty(DataFolder.FilesWith(server, "CANARY"));
    }

    [Theory]
    [InlineData("warn", """{"imported":1,"present":0,"refused":0,"warnings":1}""")]
    [InlineData("refuse", """{"imported":0,"present":0,"refused":1}""")]
    public async Task A_wrong_check_digit_is_a_warning_or_with_a_setting_a_refusal(string luhn, string outcome)
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Import:Luhn"] = luhn });
        var iccid = Fleet.Iccid();
        var wrong = iccid[..^1] + (char)('0' + ((iccid[^1] - '0' + 1) % 10));

        var lines = await server.ImportAsync($"iccid\n{wrong}\n");

        Assert.Equal(outcome, lines[^1].GetRawText());
        if (luhn == "refuse")
            Assert.Equal((2, wrong, "iccid"), Refusal(lines[0]));
    }

    private static (int Line, string? Iccid, string? Field) Refusal(JsonElement line) =>
        (line.GetProperty("line").GetInt32(), line.GetProperty("iccid").GetString(), line.GetProperty("field").GetString());

    private static (int Present, int Refused) Rest(JsonElement last) =>
        (last.GetProperty("present").GetInt32(), last.GetProperty("refused").GetInt32());

    /// <summary>Values of a sample that may be stored sealed at most: matching ids, and of a vendor's cards the Ki.</summary>
    private static IEnumerable<string> Keys(string file, string sample) => sample == "cards.csv"
        ? file.Split(',').Where(cell => cell.StartsWith("SAMPLE-", StringComparison.Ordinal)).Take(5)
        : file.Split('\n').Where(line => line.StartsWith("8942", StringComparison.Ordinal)).Take(5).Select(line => line.Split(' ')[7]);

    /// <summary>A body that never comes to its end.</summary>
    private sealed class Interrupted(string start) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(start), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
