using System.Globalization;
using Simkeeper.Server.Tests.Support;
using Simkeeper.Server.Tests.Usage;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Networks that report counters which no network can have, until the sums of them do not fit into 64 bits.</summary>
[Attack]
public sealed class CountersAttack
{
    private const long Most = 1L << 48;

    [Fact]
    public async Task A_session_that_is_faster_than_any_network_is_refused_and_the_rest_of_its_batch_is_taken()
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.GermanSimAsync();
        var now = await server.NowAsync();
        var hour = new Report(sim, "good", now.AddHours(-1), now, 1_000, 2_000);

        var answer = await SendAsync(
            server, hour, hour with { Session = "up", UploadedBytes = Most }, hour with { Session = "down", DownloadedBytes = Most },
            hour with { Session = "late", Start = now.AddDays(-30), UploadedBytes = Most }, hour with { Session = "other" });

        Assert.Equal(3, answer.Json.GetProperty("taken").GetInt32());
        Assert.Equal(["1 uploadedBytes", "2 downloadedBytes"], answer.Json.GetProperty("refused").EnumerateArray()
            .Select(refused => $"{refused.GetProperty("index")} {refused.GetProperty("field")}"));
        Assert.Equal($"{Most + 2_000}+6000", await TotalAsync(server, sim));
    }

    [Fact]
    public async Task Thirty_six_thousand_sessions_of_the_largest_counters_add_up_to_the_largest_number_and_every_list_answers()
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.ServedAsync("active", more: Network.GermanImsi);
        var now = await server.NowAsync();
        var largest = new Report(sim, "s", now.AddDays(-30), now, Most, Most);
        var count = AttackAttribute.Size(2, 36_000);
        foreach (var batch in Enumerable.Range(0, count).Chunk(5_000))
            await server.ReportAsync([.. batch.Select(number => largest with { Session = $"s{number}" })]);
        if (count < 1 << 15)
        {
            // As if the others had been reported.
            Assert.Equal($"{2 * Most}+{2 * Most}", await TotalAsync(server, sim));
            foreach (var table in new[] { "usage_hours", "usage_seconds", "account_usage_hours" })
                Store.Execute(server, $"update {table} set uploaded = {long.MaxValue - Most}, downloaded = {long.MaxValue - 1}");
            Store.Execute(server, $"update data_periods set home = {long.MaxValue - 1}");
            Store.Execute(server, $"update sims set data_bytes = {long.MaxValue - 1}");
            Assert.Equal($"{long.MaxValue - Most}+{long.MaxValue - 1}", await TotalAsync(server, sim));
        }

        await server.ReportAsync(largest with { Session = "one", DownloadedBytes = 1 });
        await server.ReportAsync(largest with { Session = "more" }, largest with { Session = "again", Mcc = "208", Mnc = "01" });

        Assert.Equal($"{long.MaxValue}+{long.MaxValue}", await TotalAsync(server, sim));
        foreach (var of in new[] { sim, null })
        {
            foreach (var granularity in new[] { "all", "daily", "hourly" })
            {
                var record = (await server.Kore.UsageAsync(of, $"Granularity={granularity}"))
                    .Single(record => record.GetProperty("data").GetProperty("total").GetInt64() != 0);
                Assert.Equal(long.MaxValue, record.GetProperty("data").GetProperty("total").GetInt64());
                Assert.Equal(long.MaxValue, record.GetProperty("data").GetProperty("home").GetProperty("total").GetInt64());
                Assert.Equal($"FRA {Most}+{Most}", record.Data()[^$"FRA {Most}+{Most}".Length..]);
            }
        }
        (await server.Kore.FetchAsync($"/v1/Sims/{sim}/DataSessions")).Is(200);
        (await server.Kore.FormAsync("/v1/Commands", ("Sim", sim), ("Command", "hello"))).Is(201);
        Assert.True(await server.DataBlockedAsync(sim) || await server.SettledAsync(sim) == "active");
    }

    [Fact]
    public async Task Sums_that_ran_over_before_are_shown_and_counted_on()
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.ServedAsync("active", more: Network.GermanImsi);
        var now = await server.NowAsync();
        await server.ReportAsync(new Report(sim, "before", now.AddHours(-2), now, 1, 1));
        // The embedded store has made a sum that ran over a floating-point number.
        var over = TestDatabase.IsWanted ? $"{long.MaxValue}" : "1.3e19";
        foreach (var table in new[] { "usage_hours", "usage_seconds", "account_usage_hours" })
            Store.Execute(server, $"update {table} set uploaded = {over}, downloaded = -{long.MaxValue} - 1");

        await server.ReportAsync(new Report(sim, "after", now.AddHours(-2), now, 5, 0));

        Assert.StartsWith($"{long.MaxValue}+", await TotalAsync(server, sim), StringComparison.Ordinal);
        Assert.StartsWith($"{long.MaxValue}+", await TotalAsync(server, null), StringComparison.Ordinal);
        (await server.Operator.FetchAsync($"/operator/v1/sims/{sim}")).Is(200);
    }

    private static async Task<string> TotalAsync(TestServer server, string? sim) =>
        Assert.Single(await server.Kore.UsageAsync(sim)).Data().Split(' ')[0];

    private static async Task<Answer> SendAsync(TestServer server, params Report[] reports)
    {
        var body = string.Join(",", reports.Select(report => string.Create(CultureInfo.InvariantCulture, $$"""
            {"sim":"{{report.Sim}}","session":"{{report.Session}}",
            "start":"{{report.Start.UtcDateTime:O}}","at":"{{report.At.UtcDateTime:O}}",
            "uploadedBytes":{{report.UploadedBytes}},"downloadedBytes":{{report.DownloadedBytes}}}
            """)));
        return (await server.Operator.JsonAsync("/operator/v1/usage", $"[{body}]")).Is(200);
    }
}
