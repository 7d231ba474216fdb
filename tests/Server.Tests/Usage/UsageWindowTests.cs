using System.Globalization;
using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Usage;

/// <summary>Usage of windows whose bounds are no full hours.</summary>
public sealed class UsageWindowTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Two_neighbouring_local_days_of_a_half_hour_zone_count_nothing_twice()
    {
        var account = await _server.AccountAsync();
        var sim = await _server.GermanSimAsync(account.Sid);
        // Midnight in India: 18:30 UTC of the day before.
        var midnight = Midnight(await _server.NowAsync()).AddHours(-24 + 18.5);
        await _server.ReportAsync(
            new Report(sim, "s", midnight.AddHours(-3), midnight.AddMinutes(-20), 100, 0),
            new Report(sim, "s", midnight.AddHours(-3), midnight.AddSeconds(-1), 110, 0),
            new Report(sim, "s", midnight.AddHours(-3), midnight, 1_110, 0),
            new Report(sim, "s", midnight.AddHours(-3), midnight.AddMinutes(20), 11_110, 0));
        string Local(DateTimeOffset time) => Uri.EscapeDataString(
            time.ToOffset(TimeSpan.FromHours(5.5)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));

        foreach (var of in new[] { sim, null })
        {
            var first = Assert.Single(await account.Kore.UsageAsync(of, $"Start={Local(midnight.AddHours(-24))}&End={Local(midnight)}"));
            var second = Assert.Single(await account.Kore.UsageAsync(of, $"Start={Local(midnight)}&End={Local(midnight.AddHours(2))}"));

            Assert.Equal((Network.Time(midnight.AddHours(-24)), Network.Time(midnight)), (first.Start(), first.End()));
            Assert.Equal((Network.Time(midnight), Network.Time(midnight.AddHours(2))), (second.Start(), second.End()));
            Assert.StartsWith("110+0", first.Data(), StringComparison.Ordinal);
            Assert.StartsWith("11000+0", second.Data(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("all")]
    [InlineData("daily")]
    [InlineData("hourly")]
    public async Task Windows_that_touch_add_up_to_the_whole_wherever_they_are_cut(string granularity)
    {
        var account = await _server.AccountAsync();
        var sims = new[] { await _server.GermanSimAsync(account.Sid), await _server.GermanSimAsync(account.Sid) };
        var start = Midnight(await _server.NowAsync()).AddDays(-3);
        var random = new Random(11);
        foreach (var sim in sims)
        {
            long up = 0, down = 0;
            await _server.ReportAsync([.. Enumerable.Range(0, 60).Select(i => new Report(sim, "s", start,
                start.AddSeconds(((long)i * 2800) + random.Next(2800)), up += random.Next(1000), down += random.Next(1000)))]);
        }
        var end = start.AddDays(2);
        var cuts = Enumerable.Range(0, 6).Select(_ => start.AddSeconds(random.Next(2 * 86_400))).Append(start).Append(end).Order().ToList();

        foreach (var of in new[] { sims[0], null })
        {
            var whole = Sum(await account.Kore.UsageAsync(of, $"Start={Network.Time(start)}&End={Network.Time(end)}"));
            Assert.NotEqual(0, whole);
            long parts = 0;
            foreach (var (from, to) in cuts.Zip(cuts.Skip(1)))
            {
                var records = await account.Kore.UsageAsync(
                    of, $"Start={Network.Time(from)}&End={Network.Time(to)}&Granularity={granularity}");
                parts += Sum(records);
                Assert.Equal((Network.Time(from), Network.Time(to)), (records[^1].Start(), records[0].End()));
            }
            Assert.Equal(whole, parts);
        }
    }

    [Fact]
    public async Task Commands_are_counted_in_their_second()
    {
        await using var server = await TestServer.StartAsync();
        await server.FreezeAsync();
        var sim = await server.ServedAsync();
        // To a time within an hour, whatever the time is now.
        var now = await server.NowAsync();
        await server.AdvanceAsync($"{(int)(Hour(now).AddMinutes(90) - now).TotalSeconds}s");
        await server.SendAsync(sim);
        await server.AdvanceAsync("10m");
        var cut = await server.NowAsync();
        await server.SpeakAsync(sim);
        await server.AdvanceAsync("10m");

        foreach (var of in new[] { sim, null })
        {
            var before = Assert.Single(await server.Kore.UsageAsync(of, $"Start={Network.Time(cut.AddHours(-3))}&End={Network.Time(cut)}"));
            var after = Assert.Single(await server.Kore.UsageAsync(of, $"Start={Network.Time(cut)}"));
            Assert.Equal((1, 0), Commands(before));
            Assert.Equal((0, 1), Commands(after));
        }
    }

    [Fact]
    public async Task What_an_earlier_version_has_counted_by_the_hour_is_in_one_window_only()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.AccountAsync();
        var sim = await server.GermanSimAsync(account.Sid);
        var hour = Hour(await server.NowAsync()).AddHours(-5);
        await server.ReportAsync(new Report(sim, "old", hour, hour.AddMinutes(50), 500, 0));
        Store.Execute(server, "delete from usage_seconds");
        await server.ReportAsync(new Report(sim, "new", hour, hour.AddMinutes(40), 7, 0));

        foreach (var of in new[] { sim, null })
        {
            var cut = hour.AddMinutes(30);
            var first = Assert.Single(await account.Kore.UsageAsync(of, $"Start={Network.Time(hour)}&End={Network.Time(cut)}"));
            var second = Assert.Single(await account.Kore.UsageAsync(
                of, $"Start={Network.Time(cut)}&End={Network.Time(hour.AddHours(1))}"));
            var middle = Assert.Single(await account.Kore.UsageAsync(
                of, $"Start={Network.Time(hour.AddMinutes(35))}&End={Network.Time(hour.AddMinutes(45))}"));
            Assert.StartsWith("500+0", first.Data(), StringComparison.Ordinal);
            Assert.StartsWith("7+0", second.Data(), StringComparison.Ordinal);
            Assert.StartsWith("7+0", middle.Data(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_window_within_one_second_is_empty_and_said_to_be_so()
    {
        var sim = await _server.GermanSimAsync();
        var now = Hour(await _server.NowAsync()).AddHours(-2);
        await _server.ReportAsync(new Report(sim, "s", now, now, 5, 0));

        var record = Assert.Single(await _server.Kore.UsageAsync(sim, $"Start={Network.Time(now)}&End={Network.Time(now)}"));

        Assert.Equal((record.Start(), "0+0"), (record.End(), record.Data()[..3]));
    }

    private static DateTimeOffset Midnight(DateTimeOffset time) => new(time.UtcDateTime.Date, TimeSpan.Zero);

    private static DateTimeOffset Hour(DateTimeOffset time) => Midnight(time).AddHours(time.UtcDateTime.Hour);

    private static long Sum(IEnumerable<JsonElement> records) =>
        records.Sum(record => record.GetProperty("data").GetProperty("total").GetInt64());

    private static (int ToSim, int FromSim) Commands(JsonElement record) => (
        record.GetProperty("commands").GetProperty("to_sim").GetInt32(), record.GetProperty("commands").GetProperty("from_sim").GetInt32());
}
