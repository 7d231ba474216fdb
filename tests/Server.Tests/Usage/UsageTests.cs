using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Usage;

public sealed class UsageTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task The_hours_the_days_and_the_whole_agree_to_the_byte_and_so_do_home_and_roaming()
    {
        var now = await _server.NowAsync();
        var account = await _server.AccountAsync();
        var sims = new[] { await _server.GermanSimAsync(account.Sid), await _server.GermanSimAsync(account.Sid) };
        var random = new Random(7);
        foreach (var sim in sims)
        {
            foreach (var (mcc, mnc) in new[] { ("262", "01"), ("262", "02"), ("208", "10"), ("704", "01"), ("901", "01") })
            {
                var start = now.AddDays(-20);
                await _server.ReportAsync([.. Enumerable.Range(1, 30).Select(i =>
                    new Report(sim, mcc + mnc, start, start.AddHours(15 * i), i * random.Next(1000), i * 5000L, Mcc: mcc, Mnc: mnc))]);
            }
        }
        var range = $"Start={Network.Time(now.AddDays(-21))}&End={Network.Time(now)}";

        foreach (var sim in new[] { sims[0], null })
        {
            var all = Assert.Single(await account.Kore.UsageAsync(sim, range));
            var days = await account.Kore.UsageAsync(sim, range + "&Granularity=daily");
            var hours = await account.Kore.UsageAsync(sim, range + "&Granularity=hourly&PageSize=100");

            Assert.Equal(["FRA", "GTM", "ZZZ"], Abroad(all).Select(part => part.GetProperty("country_code").GetString()));
            Assert.Equal(5 * 30 * 5000 * (sim is null ? 2 : 1), Number(all.GetProperty("data"), "download"));
            foreach (var list in new[] { days, hours, [all] })
            {
                Assert.Equal(Parts(all), list.Select(Parts).Aggregate((sum, more) => [.. sum.Zip(more, (a, b) => a + b)]));
                Assert.All(list, record => Assert.Equal(Number(record.GetProperty("data"), "total"), Parts(record).Skip(2).Sum()));
                // They cover the range without gaps, newest first.
                Assert.Equal((all.Start(), all.End()), (list[^1].Start(), list[0].End()));
                Assert.All(list.Zip(list.Skip(1)), pair => Assert.Equal(pair.First.Start(), pair.Second.End()));
            }
        }
    }

    [Fact]
    public async Task Without_a_range_the_record_is_of_the_month_up_to_the_running_second()
    {
        var sim = await _server.GermanSimAsync();

        var record = Assert.Single(await _server.Kore.UsageAsync(sim));

        var end = DateTimeOffset.Parse(record.End(), null);
        Assert.True(end - await _server.NowAsync() < TimeSpan.FromSeconds(2));
        Assert.Equal(Network.Time(end.AddMonths(-1).AddMinutes(-end.Minute).AddSeconds(-end.Second)), record.Start());
        Assert.Equal("0+0 home 0+0 national 0+0", record.Data());
        Assert.Equal(["account_sid", "sim_sid", "period", "commands", "data"], record.EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public async Task Two_hundred_and_fifty_kilobytes_make_a_ready_sim_active_and_one_byte_less_does_not()
    {
        var now = await _server.NowAsync();
        var (below, at) = (await _server.SimAsync(), await _server.SimAsync());
        await _server.ReachAsync(_server.Kore, below, "ready");
        await _server.ReachAsync(_server.Kore, at, "ready");

        await _server.ReportAsync(new Report(below, "s", now, now, 249_999, 0), new Report(at, "s", now, now, 100_000, 149_000));
        await _server.ReportAsync(new Report(at, "s", now, now, 101_000, 149_000));

        await _server.UntilShownAsync(at, "active");
        Assert.Equal("ready", await _server.ShownAsync(below));
        await _server.ReportAsync(new Report(below, "s", now, now, 249_999, 1));
        await _server.UntilShownAsync(below, "active");
    }

    [Fact]
    public async Task What_a_SIM_used_stays_with_the_account_that_owned_it_then()
    {
        var master = await _server.AccountAsync();
        var sub = await _server.AccountAsync(master.Sid);
        var sim = await _server.GermanSimAsync(master.Sid);
        var before = await _server.NowAsync();
        await _server.ReportAsync(new Report(sim, "a", before, before, 100, 0));
        (await master.Kore.FormAsync($"/v1/Sims/{sim}", ("AccountSid", sub.Sid))).Is(200);
        var after = await _server.NowAsync();

        // The second report is late: it is of the time before the move.
        await _server.ReportAsync(new Report(sim, "a", before, after, 700, 0), new Report(sim, "a", before, before, 150, 0));

        Assert.StartsWith("150+0", Assert.Single(await master.Kore.UsageAsync(null)).Data(), StringComparison.Ordinal);
        Assert.StartsWith("550+0", Assert.Single(await sub.Kore.UsageAsync(null)).Data(), StringComparison.Ordinal);
        Assert.StartsWith("550+0", Assert.Single(await sub.Kore.UsageAsync(sim)).Data(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_shows_what_its_latest_reports_say()
    {
        var now = await _server.NowAsync();
        var sim = await _server.GermanSimAsync();
        var start = now.AddHours(-5);
        await _server.ReportAsync(
            new Report(sim, "s", start, start.AddHours(2), 5_000_000_000, 20, Mcc: "208", Mnc: "01", Radio: "LTE", Imei: "490154203237518"),
            new Report(sim, "s", start, start.AddHours(1), 10, 10, Mcc: "310", Mnc: "410", Radio: "3G"),
            new Report(sim, "old", now.AddDays(-40), now.AddDays(-35), 10, 10));

        var sessions = (await _server.Kore.FetchAsync($"/v1/Sims/{sim}/DataSessions")).Is(200).Json.GetProperty("data_sessions");

        var session = Assert.Single(sessions.EnumerateArray());
        string? Text(string name) => session.GetProperty(name).GetString();
        Assert.Matches("^WN[0-9a-f]{32}$", Text("sid"));
        Assert.Equal((sim, TestServer.MasterSid), (Text("sim_sid"), Text("account_sid")));
        Assert.Equal(("LTE", "208", "01", "FRA"),
            (Text("radio_link"), Text("operator_mcc"), Text("operator_mnc"), Text("operator_country")));
        Assert.Equal((Network.Time(start), Network.Time(start.AddHours(2)), null), (Text("start"), Text("last_updated"), Text("end")));
        Assert.Equal((int.MaxValue, 20), (Number(session, "packets_uploaded"), Number(session, "packets_downloaded")));
        Assert.Equal("490154203237518", Text("imei"));
        Assert.Equal(
            ["sid", "sim_sid", "account_sid", "radio_link", "operator_mcc", "operator_mnc", "operator_country", "operator_name", "cell_id",
                "cell_location_estimate", "packets_uploaded", "packets_downloaded", "last_updated", "start", "end", "imei"],
            session.EnumerateObject().Select(field => field.Name));

        await _server.ReportAsync(new Report(sim, "s", start, now, 5_000_000_000, 20, End: now));
        sessions = (await _server.Kore.FetchAsync($"/v1/Sims/{sim}/DataSessions")).Is(200).Json.GetProperty("data_sessions");
        Assert.Equal(Network.Time(now), sessions[0].GetProperty("end").GetString());
    }

    [Fact]
    public async Task A_network_may_name_a_SIM_by_its_numbers()
    {
        var now = await _server.NowAsync();
        var sim = await _server.GermanSimAsync();
        var own = (await _server.Operator.FetchAsync($"/operator/v1/sims/{sim}")).Is(200);
        string Body(string kind, string value) => $$"""
            [{"{{kind}}":"{{value}}","session":"{{value}}","start":"{{Network.Time(now)}}","at":"{{Network.Time(now)}}",
              "uploadedBytes":1,"downloadedBytes":2}]
            """;

        foreach (var (kind, value) in new[] { ("sim", sim), ("sim", own["id"]!), ("iccid", own["iccid"]!), ("imsi", own["imsi"]!) })
        {
            var answer = (await _server.Operator.JsonAsync("/operator/v1/usage", Body(kind, value))).Is(200);
            Assert.Equal("""{"taken":1,"refused":[]}""", answer.Text);
        }

        Assert.Equal("4+8 home 4+8 national 0+0", Assert.Single(await _server.Kore.UsageAsync(sim)).Data());
    }

    public static TheoryData<string, string, string?> Wrong { get; } = new()
    {
        { "session", "null", "session" },
        { "session", "\"\"", "session" },
        { "session", "7", "session" },
        { "session", "\"\\ud800\"", "session" },
        { "session", "\"\\u0007\"", "session" },
        { "start", "\"2026\"", "start" },
        { "start", "\"1970-01-01T00:00:00Z\"", "start" },
        { "start", "\"2999-01-01T00:00:00Z\"", "start" },
        { "at", "\"noon\"", "at" },
        { "at", "\"2026-11-22T10:00:00\"", "at" },
        { "at", "\"2999-01-01T00:00:00Z\"", "at" },
        { "at", "\"0001-01-01T00:00:00Z\"", "at" },
        { "uploadedBytes", "-1", "uploadedBytes" },
        { "uploadedBytes", "1.5", "uploadedBytes" },
        { "uploadedBytes", "\"1\"", "uploadedBytes" },
        { "downloadedBytes", "null", "downloadedBytes" },
        { "downloadedBytes", "281474976710657", "downloadedBytes" },
        { "downloadedBytes", "99999999999999999999", "downloadedBytes" },
        { "end", "\"2001-01-01T00:00:00Z\"", "end" },
        { "imsi", "\"262010000000000\"", "sim" },
        { "sim", "\"DE00000000000000000000000000000000\"", "sim" },
        { "sim", "null", "sim" },
        { "colour", "\"red\"", "colour" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_entry_is_named_and_the_others_are_taken(string field, string value, string? named)
    {
        var sim = await _server.GermanSimAsync();
        var now = Network.Time(await _server.NowAsync());
        Dictionary<string, string> Entry(string session) => EntryOf(sim, session, now);
        var wrong = Entry("b");
        wrong[field] = value;

        var answer = (await _server.Operator.JsonAsync("/operator/v1/usage", $"[{Json(Entry("a"))},{Json(wrong)},7,{Json(Entry("c"))}]"))
            .Is(200);

        var refused = answer.Json.GetProperty("refused").EnumerateArray().ToList();
        Assert.Equal("2", answer["taken"]);
        Assert.Equal([1, 2], refused.Select(entry => entry.GetProperty("index").GetInt32()));
        Assert.Equal(named, refused[0].GetProperty("field").GetString());
        Assert.NotEqual("", refused[0].GetProperty("reason").GetString());
        Assert.StartsWith("2+0", Assert.Single(await _server.Kore.UsageAsync(sim)).Data(), StringComparison.Ordinal);
    }

    public static readonly TheoryData<string, string[]> Droppable = new()
    {
        { """ "imei":"490154203237517" """, ["imei"] },
        { """ "imei":"352099001761480" """, ["imei"] },
        { """ "imei":"IMEI" """, ["imei"] },
        { """ "imei":490154203237518 """, ["imei"] },
        { """ "radio":"12345678901234567" """, ["radio"] },
        { """ "radio":"" """, ["radio"] },
        { """ "radio":6 """, ["radio"] },
        { """ "mcc":"262" """, ["mcc"] },
        { """ "mnc":"01" """, ["mnc"] },
        { """ "mcc":"26","mnc":"01" """, ["mcc", "mnc"] },
        { """ "mcc":"208","mnc":"1" """, ["mcc", "mnc"] },
        { """ "mcc":208,"mnc":"01" """, ["mcc", "mnc"] },
        { """ "imei":"0","radio":"\ud800","mcc":"FRA","mnc":"01" """, ["imei", "mcc", "mnc", "radio"] },
    };

    [Theory]
    [MemberData(nameof(Droppable))]
    public async Task A_wrong_field_that_says_nothing_about_the_counters_is_dropped_and_named_and_the_report_is_taken(
        string wrong, string[] dropped)
    {
        var sim = await _server.GermanSimAsync();
        var now = Network.Time(await _server.NowAsync());
        var right = Json(EntryOf(sim, "a", now));

        var answer = (await _server.Operator.JsonAsync("/operator/v1/usage", $"[{right},{Json(EntryOf(sim, "b", now))[..^1]},{wrong}}}]"))
            .Is(200);

        Assert.Equal(("2", "[]"), (answer["taken"], answer["refused"]));
        var entries = answer.Json.TryGetProperty("dropped", out var named) ? named.EnumerateArray().ToList() : [];
        Assert.Equal(dropped.Select(field => (1, field)).Order(),
            entries.Select(entry => (entry.GetProperty("index").GetInt32(), entry.GetProperty("field").GetString()!)).Order());
        Assert.All(entries, entry => Assert.NotEqual("", entry.GetProperty("reason").GetString()));
        Assert.StartsWith("2+0 home 2+0", Assert.Single(await _server.Kore.UsageAsync(sim)).Data(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_dropped_from_a_report_leaves_what_is_known_of_the_session()
    {
        var sim = await _server.GermanSimAsync();
        var now = await _server.NowAsync();
        await _server.ReportAsync(new Report(sim, "s", now, now, 1, 0, Mcc: "208", Mnc: "01", Radio: "LTE", Imei: "490154203237518"));
        var later = EntryOf(sim, "s", Network.Time(now.AddSeconds(5)));
        (later["start"], later["uploadedBytes"], later["imei"], later["mcc"]) =
            ($"\"{Network.Time(now)}\"", "9", "\"490154203237510\"", "\"262\"");

        (await _server.Operator.JsonAsync("/operator/v1/usage", $"[{Json(later)}]")).Is(200);

        var session = (await _server.Kore.FetchAsync($"/v1/Sims/{sim}/DataSessions")).Is(200).Json.GetProperty("data_sessions")[0];
        Assert.Equal("9", session.GetProperty("packets_uploaded").GetRawText());
        Assert.Equal(("490154203237518", "208"),
            (session.GetProperty("imei").GetString(), session.GetProperty("operator_mcc").GetString()));
    }

    [Fact]
    public async Task A_range_that_ends_in_the_far_future_ends_now()
    {
        var sim = await _server.GermanSimAsync();
        var now = await _server.NowAsync();
        await _server.ReportAsync(new Report(sim, "s", now, now, 7, 0));

        var record = Assert.Single(await _server.Kore.UsageAsync(sim, "End=9999-12-31T23:59:59Z"));

        Assert.StartsWith("7+0", record.Data(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_reported_many_times_at_once_counts_once()
    {
        var now = await _server.NowAsync();
        var sim = await _server.GermanSimAsync();
        await Task.WhenAll(Enumerable.Range(0, 30).Select(i =>
            Task.Run(() => _server.ReportAsync(new Report(sim, "s", now, now, 1000 + (i % 3), 777)))));

        Assert.StartsWith("1002+777", Assert.Single(await _server.Kore.UsageAsync(sim)).Data(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_is_counted_for_as_long_as_it_lasts_and_one_from_before_usage_is_kept_is_not_begun()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Usage:Retention"] = "62d" });
        var start = await server.FreezeAsync();
        var sim = await server.GermanSimAsync();
        await server.ReportAsync(new Report(sim, "long", start, start, 100, 0));
        await server.AdvanceAsync("40d");
        await server.ReportAsync(new Report(sim, "long", start, start.AddDays(40), 200, 0));
        await server.AdvanceAsync("40d");
        await server.ReportAsync(new Report(sim, "long", start, start.AddDays(80), 700, 0));

        var entry = $$"""
            [{"sim":"{{sim}}","session":"new","start":"{{Network.Time(start)}}","at":"{{Network.Time(start.AddDays(80))}}",
            "uploadedBytes":1,"downloadedBytes":1}]
            """.ReplaceLineEndings("");
        var unknown = (await server.Operator.JsonAsync("/operator/v1/usage", entry)).Is(200);

        Assert.Equal("start", Assert.Single(unknown.Json.GetProperty("refused").EnumerateArray()).GetProperty("field").GetString());
        Assert.StartsWith("500+0", Assert.Single(await server.Kore.UsageAsync(sim, $"Start={Network.Time(start.AddDays(79))}")).Data(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Granularity=weekly", 400, 33101)]
    [InlineData("Start=yesterday", 400, 33101)]
    [InlineData("Start=2026-13-01", 400, 33101)]
    [InlineData("End=0001-01-01T00:00:00Z", 400, 33101)]
    [InlineData("Start=2026-01-02T00:00:00Z&End=2026-01-01T00:00:00Z", 400, 33101)]
    [InlineData("PageSize=0", 400, 33103)]
    [InlineData("PageToken=PA1", 400, 33103)]
    public async Task Usage_that_cannot_be_read_is_refused(string query, int http, int code)
    {
        var sim = await _server.GermanSimAsync();
        foreach (var list in new[] { "/v1/UsageRecords", $"/v1/Sims/{sim}/UsageRecords" })
            Assert.Equal($"{code}", (await _server.Kore.FetchAsync($"{list}?{query}")).Is(http)["code"]);
    }

    [Theory]
    [InlineData("UsageRecords")]
    [InlineData("DataSessions")]
    public async Task A_SIM_of_another_account_has_no_usage_to_see(string list)
    {
        var sim = await _server.GermanSimAsync();
        (await _server.Kore.FetchAsync($"/v1/Sims/{sim}/{list}")).Is(200);
        Assert.Equal("20404", (await _server.KoreSub.FetchAsync($"/v1/Sims/{sim}/{list}")).Is(404)["code"]);
        Assert.Equal("20404", (await _server.Kore.FetchAsync($"/v1/Sims/nobody/{list}")).Is(404)["code"]);
        Assert.Equal("20004", (await _server.Kore.FormAsync($"/v1/Sims/{sim}/{list}")).Is(405)["code"]);
    }

    [Fact]
    public async Task Any_page_token_is_answered()
    {
        foreach (var token in (string[])[
            "PA00000000000000000000000000000000", "PBffffffffffffffffffffffffffffffff",
            "PA80000000000000000000000000000000", "PB80000000000000000000000000000000", "PAffffffffffffffffffffffffffffffff"])
        {
            foreach (var granularity in new[] { "all", "daily", "hourly" })
                (await _server.Kore.FetchAsync($"/v1/UsageRecords?Granularity={granularity}&PageToken={token}")).Is(200);
        }
    }

    [Fact]
    public async Task Pages_of_usage_go_forth_and_back()
    {
        var sim = await _server.GermanSimAsync();
        var first = (await _server.Kore.FetchAsync($"/v1/Sims/{sim}/UsageRecords?Granularity=daily&PageSize=10")).Is(200);
        var meta = first.Json.GetProperty("meta");
        Assert.Equal(JsonValueKind.Null, meta.GetProperty("previous_page_url").ValueKind);
        var second = (await _server.Kore.FetchAsync(meta.GetProperty("next_page_url").GetString()!)).Is(200).Json;

        var back = (await _server.Kore.FetchAsync(second.GetProperty("meta").GetProperty("previous_page_url").GetString()!)).Is(200).Json;

        Assert.Equal(first.Json.GetProperty("usage_records").GetRawText(), back.GetProperty("usage_records").GetRawText());
        Assert.Equal(second.GetProperty("usage_records")[0].End(), first.Json.GetProperty("usage_records")[9].Start());
    }

    /// <summary>A report without anything that may be left out.</summary>
    private static Dictionary<string, string> EntryOf(string sim, string session, string now) => new()
    {
        ["sim"] = $"\"{sim}\"",
        ["session"] = $"\"{session}\"",
        ["start"] = $"\"{now}\"",
        ["at"] = $"\"{now}\"",
        ["uploadedBytes"] = "1",
        ["downloadedBytes"] = "0",
    };

    private static string Json(Dictionary<string, string> entry) =>
        $"{{{string.Join(',', entry.Select(pair => $"\"{pair.Key}\":{pair.Value}"))}}}";

    private static JsonElement.ArrayEnumerator Abroad(JsonElement record) =>
        record.GetProperty("data").GetProperty("international_roaming").EnumerateArray();

    /// <summary>Up and down; then what home, national roaming and each country abroad say in all.</summary>
    private static long[] Parts(JsonElement record)
    {
        var data = record.GetProperty("data");
        var abroad = Abroad(record).ToDictionary(part => part.GetProperty("country_code").GetString()!, part => Number(part, "total"));
        return
        [
            Number(data, "upload"), Number(data, "download"), Number(data.GetProperty("home"), "total"),
            Number(data.GetProperty("national_roaming"), "total"),
            .. new[] { "FRA", "GTM", "ZZZ" }.Select(country => abroad.GetValueOrDefault(country)),
        ];
    }

    private static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();
}
