using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Sims.Import;

/// <summary>Files as vendors and spreadsheets make them, over HTTP.</summary>
public sealed class ImportedFilesTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Ki = "465B5CE8B199B49FAA5F0A2EE238A6BC";
    private const string Eid = "89049032020008884800228685580134";
    private const string Imported = """{"imported":1,"present":0,"refused":0}""";
    private const string Present = """{"imported":0,"present":1,"refused":0}""";
    private const string OneRefused = """{"imported":0,"present":0,"refused":1}""";

    private TestServer Server => sandbox.Server;

    [Theory]
    [InlineData("iccid;provider;friendly_name\r\n{0};lab;Pump\r\n")]
    [InlineData("iccid\tprovider\tfriendly_name\n{0}\tlab\tPump\n")]
    [InlineData("iccid|provider|friendly_name\n{0}|lab|Pump\n")]
    [InlineData("sep=;\r\niccid;provider;friendly_name\r\n{0};lab;Pump\r\n")]
    [InlineData("SEP=|\niccid|provider|friendly_name\n{0}|lab|Pump")]
    [InlineData("Our SIM cards, November\n\niccid,provider,friendly_name\n{0},lab,Pump\n")]
    [InlineData("Our SIM cards;;\r\niccid;provider;friendly_name\r\n{0};lab;Pump\r\n;;\r\n;;\r\n")]
    [InlineData("iccid,provider,friendly_name\r{0},lab,Pump\r")]
    [InlineData("iccid,provider,friendly_name\n,,\n{0},lab,Pump\n,,\n\"\",\"\",\"\"\n , , \n")]
    [InlineData("ICCID Number,Provider,Friendly Name\n{0},lab,Pump\n")]
    [InlineData("ICC,Provider,friendly-name\n{0},lab,Pump\n")]
    [InlineData("CCID,PROVIDER,FRIENDLY_NAME\n{0},lab,Pump\n\x1A")]
    [InlineData("Ser_nb,provider,friendly_name\n'{0},lab,Pump\n")]
    [InlineData("iccid,provider,friendly_name\n=\"{0}\",lab,Pump\n")]
    [InlineData("iccid,provider,friendly_name\n\"=\"\"{0}\"\"\",lab,Pump\n")]
    [InlineData("iccid,provider,friendly_name\n{0}F,lab,Pump\n")]
    [InlineData("iccid,provider,friendly_name\n{1},lab,Pump\n")]
    [InlineData("iccid,provider,friendly_name\n{2},lab,Pump\n")]
    public async Task A_file_as_spreadsheets_and_people_write_it_is_read(string file)
    {
        var iccid = Fleet.Iccid();
        var spaced = string.Join(' ', iccid.Chunk(4).Select(digits => new string(digits)));

        var lines = await Server.ImportAsync(string.Format(null, file, iccid, spaced, spaced.Replace(' ', '-')));

        Assert.Equal(Imported, lines[^1].GetRawText());
        var sim = await SimAsync(iccid);
        Assert.Equal(("lab", "Pump"), (sim.GetProperty("provider").GetString(), sim.GetProperty("friendlyName").GetString()));
    }

    [Theory]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", false)]
    public async Task UTF_16_is_read(string encoding, bool hasMark)
    {
        var iccid = Fleet.Iccid();
        var to = Encoding.GetEncoding(encoding);

        var lines = Lines(await SendAsync(
            [.. hasMark ? to.Preamble.ToArray() : [], .. to.GetBytes($"iccid,friendly_name,provider\r\n{iccid},Zoë,lab\r\n")]));

        Assert.Equal(Imported, lines[^1].GetRawText());
        Assert.Equal("Zoë", (await SimAsync(iccid)).GetProperty("friendlyName").GetString());
    }

    [Theory]
    [InlineData(null, "text/csv")]
    [InlineData("gzip", "text/csv")]
    [InlineData(null, "application/gzip")]
    public async Task A_file_packed_with_gzip_is_read_whatever_the_request_says_of_it(string? encoding, string type)
    {
        var iccid = Fleet.Iccid();

        var lines = Lines(await SendAsync(Packed($"iccid,provider\n{iccid},lab\n"), encoding: encoding, type: type));

        Assert.Equal(Imported, lines[^1].GetRawText());
    }

    [Fact]
    public async Task A_packed_file_that_is_damaged_or_grows_over_the_limit_is_refused_from_there_on()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Import:BytesMax"] = "100000" });
        var rows = string.Concat(Enumerable.Range(0, 5_000).Select(_ => $"{Fleet.Iccid()},lab\n"));
        var bomb = Lines(await SendAsync(Packed($"iccid,provider\n{rows}"), server: server));
        var packed = Packed($"iccid,provider\n{rows[..96_000]}");
        var cut = Lines(await SendAsync(packed[..(packed.Length / 2)], server: server));
        packed[^6] ^= 0xFF;
        var damaged = Lines(await SendAsync(packed, server: server));

        Assert.Contains("100000 bytes", Refused(bomb).GetProperty("reason").GetString());
        Assert.Equal(1, bomb[^1].GetProperty("refused").GetInt32());
        Assert.InRange(bomb[^1].GetProperty("imported").GetInt32(), 1, 4_999);
        Assert.Contains("damaged", Refused(cut).GetProperty("reason").GetString());
        Assert.Contains("damaged", Refused(damaged).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_file_with_more_cards_than_the_limit_is_refused_from_there_on()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Import:CardsMax"] = "2" });
        var file = "iccid\n" + string.Concat(Enumerable.Range(0, 4).Select(_ => Fleet.Iccid() + "\n"));

        var lines = await server.ImportAsync(file);

        Assert.Equal(4, lines[0].GetProperty("line").GetInt32());
        Assert.Contains("at most 2 cards", lines[0].GetProperty("reason").GetString());
        Assert.Equal("""{"imported":2,"present":0,"refused":1}""", lines[^1].GetRawText());
    }

    [Theory]
    [InlineData("PK\x03\x04\x14\x00\x06\x00", "spreadsheet")]
    [InlineData("SIM,IMSI number,Colour\n", "3 columns. Known among them: imsi.")]
    [InlineData("Cards of November\nSIM;Colour\n", "2 columns. Known among them: none.")]
    [InlineData("Cards of November\n", "one column")]
    [InlineData("8988300000000000017,465B5CE8B199B49FAA5F0A2EE238A6BC\n", "above")]
    [InlineData("8988300000000000017,1\niccid,imsi\n", "above")]
    [InlineData("sep=x\niccid\n", "separator")]
    public async Task A_file_that_cannot_be_read_is_told_what_was_seen_and_how_to_mend_it(string file, string told)
    {
        var answer = await SendAsync(Encoding.Latin1.GetBytes(file));

        Assert.Equal(400, answer.Status);
        Assert.Contains(told, answer.Text);
        Assert.DoesNotContain("8988300000000000017", answer.Text);
        Assert.DoesNotContain(Ki, answer.Text);
    }

    [Fact]
    public async Task Keys_of_cards_that_stand_where_names_should_are_never_shown()
    {
        var iccid = Fleet.Iccid();
        string[] keys = [Ki, "46 5B 5C E8 B1 99 B4 9F", "46-5B-5C-E8", "12345678", "0011.2233"];
        var names = string.Join(',', keys.Select(key => $"metadata.{key},{key},x{key}"));

        var lines = await Server.ImportAsync($"iccid,ki,kic1,KID_2,PINCode,{names},1234,Colour\n{iccid}{new string(',', 21)}\n");

        var header = lines[0].GetProperty("header");
        Assert.Equal(0, lines[0].GetProperty("progress").GetInt64());
        Assert.Equal(["ki", "kic1", "KID_2", "PINCode"], Texts(header.GetProperty("keys")));
        Assert.Equal("Colour", Texts(header.GetProperty("ignored")).Last());
        Assert.DoesNotContain("1234", Texts(header.GetProperty("ignored")));
        Assert.All(keys, key => Assert.DoesNotContain(key, lines[0].GetRawText()));
        Assert.Equal(Imported, lines[^1].GetRawText());
        Assert.All(keys, key => Assert.DoesNotContain(key, Twice(key)));

        string Twice(string key) => SendAsync(Encoding.UTF8.GetBytes($"iccid,metadata.{key},metadata.{key}\n")).Result.Text;
    }

    [Theory]
    [InlineData("8988300000000000017,1\r8988300000000000025,1\r")]
    [InlineData("12345678,8988300000000000017\n89123456,x\n")]
    public async Task A_row_that_slipped_by_a_column_shows_no_PUK(string rows)
    {
        var answer = await SendAsync(Encoding.UTF8.GetBytes("iccid,imsi\n" + rows));

        Assert.DoesNotContain("12345678", answer.Text);
        Assert.DoesNotContain("89123456", answer.Text);
    }

    [Fact]
    public async Task Columns_that_are_ignored_or_have_another_name_are_told_first_and_plain_columns_are_not()
    {
        var lines = await Server.ImportAsync(
            $"*\nQuantity: 1\nvar_out:ICCID/IMSI1/Batch/PIN1\n{Fleet.Iccid()} 001015{Fleet.Number():D9} B7 1234\n",
            query: "format=out&provider=lab");

        Assert.Equal(
            """
            {"progress":0,"header":{"line":3,
            "columns":[{"name":"ICCID","column":"iccid"},{"name":"IMSI1","column":"imsi"}],"ignored":["Batch"],"keys":["PIN1"]}}
            """.ReplaceLineEndings(""),
            lines[0].GetRawText());
        Assert.Equal(Imported, lines[^1].GetRawText());
        Assert.Single(await Server.ImportAsync($"ICCID,Imsi\n{Fleet.Iccid()},\n"));
    }

    [Fact]
    public async Task A_user_says_what_columns_mean()
    {
        var iccid = Fleet.Iccid();
        var file = $"Kartennummer~Ort\n{iccid}~north\n".Replace('~', ';');

        var lines = await Server.ImportAsync(
            file, query: "format=csv&delimiter=%3B&map=kartennummer%3Diccid&map=Ort%3Dmetadata.site");

        Assert.Equal(Imported, lines[^1].GetRawText());
        Assert.Equal("north", (await SimAsync(iccid)).GetProperty("metadata").GetProperty("site").GetString());
    }

    [Theory]
    [InlineData("map=SIM%3Dnothing", "map")]
    [InlineData("map=SIM", "map")]
    [InlineData("map=Ki%3Dfriendly_name", "map")]
    [InlineData("map=SIM%3Dmetadata.ki", "map")]
    [InlineData("map=Other%3Dimsi", "map")]
    [InlineData("delimiter=x", "delimiter")]
    [InlineData("update=yes", "update")]
    public async Task A_wrong_choice_is_refused(string choice, string field)
    {
        var answer = await SendAsync(Encoding.UTF8.GetBytes($"iccid,SIM,Ki\n{Fleet.Iccid()},,\n"), $"format=csv&{choice}");

        Assert.Equal((400, field), (answer.Status, answer["field"]));
    }

    [Theory]
    [InlineData("eid,activation_code", Eid + ",LPA:1$smdp.example.com$ABC-1")]
    [InlineData("ActivationCode", "LPA:1$smdp.example.com$ABC-1")]
    [InlineData("AC", "1$smdp.example.com$ABC-1")]
    [InlineData("activation_code,SmDpAddress,MatchingId", "LPA:1$smdp.example.com$ABC-1,SMDP.example.com,ABC-1")]
    [InlineData("type,SM-DP+ Address,matching id", "eSIM,smdp.example.com,ABC-1")]
    public async Task An_activation_code_makes_an_eSIM_and_its_parts_are_present_afterwards(string columns, string values)
    {
        var iccid = Fleet.Iccid();

        Assert.Equal(Imported, (await Server.ImportAsync($"iccid,{columns}\n{iccid},{values}\n"))[^1].GetRawText());

        Assert.Equal("eSIM", (await SimAsync(iccid)).GetProperty("type").GetString());
        Assert.Equal(Present, (await Server.ImportAsync(
            $"iccid,type,smdp_address,matching_id\n{iccid},eSIM,smdp.example.com,ABC-1\n"))[^1].GetRawText());
    }

    [Fact]
    public async Task An_EID_without_a_type_makes_an_eSIM()
    {
        var iccid = Fleet.Iccid();
        await Server.ImportAsync($"iccid,eid\n{iccid},{Eid}\n");
        Assert.Equal("eSIM", (await SimAsync(iccid)).GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("type,eid", "pSIM," + Eid, "eid")]
    [InlineData("type,activation_code", "pSIM,LPA:1$smdp.example.com$A", "activation_code")]
    [InlineData("activation_code,smdp_address", "LPA:1$smdp.example.com$A,other.example.com", "smdp_address")]
    [InlineData("activation_code,matching_id", "LPA:1$smdp.example.com$A,B", "matching_id")]
    [InlineData("activation_code,confirmation_code_required", "LPA:1$smdp.example.com$A,true", "confirmation_code_required")]
    [InlineData("activation_code", "SECRET-7", "activation_code")]
    [InlineData("activation_code", "LPA:1$smdp.example.com$SECRET-7$1.3.6.1", "activation_code")]
    [InlineData("msisdn", "00491512345670", "msisdn")]
    [InlineData("msisdn", "09012345678", "msisdn")]
    [InlineData("iccid2,imsi", ",1.01E+14", "imsi")]
    public async Task A_row_that_contradicts_itself_or_has_lost_digits_is_refused(string columns, string values, string field)
    {
        var lines = await Server.ImportAsync($"iccid,{columns}\n{Fleet.Iccid()},{values}\n");

        Assert.Equal(field, Refused(lines).GetProperty("field").GetString());
        Assert.DoesNotContain("SECRET", Refused(lines).GetRawText());
        Assert.Equal(OneRefused, lines[^1].GetRawText());
    }

    [Theory]
    [InlineData("8.98E+18", "rounded")]
    [InlineData("8,98830E+18", "rounded")]
    [InlineData("898600B5121870013529", "hex digits")]
    public async Task A_rounded_or_a_hex_ICCID_is_refused_with_the_reason(string iccid, string reason)
    {
        var lines = await Server.ImportAsync($"iccid;x\n{iccid};\n");

        Assert.Contains(reason, Refused(lines).GetProperty("reason").GetString());
        Assert.Equal(JsonValueKind.Null, Refused(lines).GetProperty("iccid").ValueKind);
    }

    [Fact]
    public async Task One_number_in_two_spellings_belongs_to_one_SIM()
    {
        var number = $"4915{Fleet.Number():D9}";

        var lines = await Server.ImportAsync(
            $"iccid,msisdn\n{Fleet.Iccid()},+{number}\n{Fleet.Iccid()},{number}\n{Fleet.Iccid()},+49 15-{number[4..]}\n");

        Assert.Equal("""{"imported":1,"present":0,"refused":2}""", lines[^1].GetRawText());
    }

    [Fact]
    public async Task An_ICCID_that_comes_twice_in_a_file_is_refused_the_second_time_also_when_the_file_comes_again()
    {
        var (twice, once) = (Fleet.Iccid(), Fleet.Iccid());
        var file = $"iccid\n{twice}\n{once}\n{twice}F\n{twice}\n";

        var first = await Server.ImportAsync(file);
        var second = await Server.ImportAsync(file);

        Assert.Equal("""{"imported":2,"present":0,"refused":2}""", first[^1].GetRawText());
        Assert.Equal("""{"imported":0,"present":2,"refused":2}""", second[^1].GetRawText());
        Assert.Equal([(4, "iccid"), (5, "iccid")], second.Where(line => line.TryGetProperty("line", out _)).Select(Refusal));
    }

    [Fact]
    public async Task A_file_without_a_card_says_so()
    {
        foreach (var file in (string[])["iccid,imsi\n", "iccid,imsi\n,\n,,\n"])
            Assert.Equal("""{"imported":0,"present":0,"refused":0,"read":0}""", (await Server.ImportAsync(file))[^1].GetRawText());
        var cards = await Server.ImportAsync("Quantity: 2\nvar_out:ICCID\n", query: "format=out&provider=lab");
        Assert.Equal("""{"imported":0,"present":0,"refused":1,"read":0}""", cards[^1].GetRawText());
    }

    /// <summary>The last refusal; a progress may come after it.</summary>
    private static JsonElement Refused(IReadOnlyList<JsonElement> lines) => lines.Last(line => line.TryGetProperty("line", out _));

    private static (int, string?) Refusal(JsonElement line) =>
        (line.GetProperty("line").GetInt32(), line.GetProperty("field").GetString());

    private static IEnumerable<string?> Texts(JsonElement list) => list.EnumerateArray().Select(text => text.GetString());

    private static IReadOnlyList<JsonElement> Lines(Answer answer) =>
        [.. answer.Is(200).Text.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];

    private static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private async Task<JsonElement> SimAsync(string iccid) =>
        (await Server.Operator.FetchAsync($"/operator/v1/sims?iccid={iccid}")).Is(200).Json.GetProperty("items")[0];

    private Task<Answer> SendAsync(byte[] file, string query = "format=csv", string? encoding = null, TestServer? server = null,
        string type = "text/csv")
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        return (server ?? Server).Operator.CallAsync(
            HttpMethod.Post, $"/operator/v1/accounts/{TestServer.MasterSid}/sims/import?{query}", content);
    }
}
