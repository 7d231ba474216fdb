using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Usage;

/// <summary>The same reports count the same, whatever happens to them on the way.</summary>
public sealed class UsagePropertyTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const int Rounds = 6;
    private static readonly (string? Mcc, string? Mnc)[] Networks =
        [(null, null), ("262", "01"), ("262", "03"), ("208", "01"), ("310", "410"), ("311", "480")];

    private readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_order_duplication_and_splitting_of_the_same_reports_gives_the_same_totals_hour_by_hour(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var now = await _server.NowAsync();
            var told = Story(random, now);
            // In the order of their time, all at once; then as networks may send them.
            List<Report[]> inOrder = [[.. told.OrderBy(report => report.At)]];
            var expected = await CountedAsync(inOrder, now);
            Assert.Equal(Model(told), expected.Total);
            List<List<Report[]>> variants =
            [
                [.. told.OrderByDescending(report => report.At).Select(report => new[] { report })],
                [.. Shuffled(random, told).Select(report => new[] { report })],
                [.. Shuffled(random, [.. told, .. told]).Chunk(1 + random.Next(7))],
                [[.. Shuffled(random, told)], [.. Shuffled(random, told)]],
            ];
            foreach (var variant in variants)
            {
                var counted = await CountedAsync(variant, now);
                Assert.Equal(expected.Hours, counted.Hours);
                Assert.Equal(expected.Sessions, counted.Sessions);
            }
        }
    }

    /// <summary>Sends the batches about a SIM of its own in an account of its own, and reads what was counted.</summary>
    private async Task<(string Total, List<string> Hours, List<string> Sessions)> CountedAsync(List<Report[]> batches, DateTimeOffset now)
    {
        var account = await _server.AccountAsync();
        var sim = await _server.GermanSimAsync(account.Sid);
        foreach (var batch in batches)
            await _server.ReportAsync([.. batch.Select(report => report with { Sim = sim })]);
        var range = $"Start={Network.Time(now.AddDays(-4))}&End={Network.Time(now)}";
        var hours = await account.Kore.UsageAsync(sim, $"{range}&Granularity=hourly&PageSize=1000");
        var ofAccount = await account.Kore.UsageAsync(null, $"{range}&Granularity=hourly&PageSize=50");
        Assert.Equal(hours.Select(Network.Data), ofAccount.Select(Network.Data));
        var total = Assert.Single(await account.Kore.UsageAsync(sim, range));
        var sessions = (await account.Kore.FetchAsync($"/v1/Sims/{sim}/DataSessions")).Is(200).Json.GetProperty("data_sessions");
        return (total.Data().Split(' ')[0], [.. hours.Select(hour => $"{hour.Start()} {hour.Data()}")],
            [.. sessions.EnumerateArray().Select(session => string.Join(' ', session.EnumerateObject()
                .Where(field => field.Name is not ("sid" or "sim_sid" or "account_sid")).Select(field => field.ToString()))).Order()]);
    }

    /// <summary>Sessions with reports over three days; some counters run back, some networks and devices change on the way.</summary>
    private static List<Report> Story(Random random, DateTimeOffset now)
    {
        var reports = new List<Report>();
        for (var session = 0; session < 1 + random.Next(3); session++)
        {
            var start = now.AddMinutes(-random.Next(60, 3 * 24 * 60));
            var (at, up, down) = (start, 0L, 0L);
            for (var count = 1 + random.Next(8); count > 0; count--)
            {
                at = at.AddMinutes(random.Next(0, 300));
                if (at > now)
                    break;
                (up, down) = (Math.Max(0, up + random.Next(-100, 1_000_000)), Math.Max(0, down + random.Next(-100, 5_000_000)));
                var (mcc, mnc) = Networks[random.Next(Networks.Length)];
                reports.Add(new Report("", $"s{session}", start, at, up, down, random.Next(4) == 0 ? at : null, mcc, mnc,
                    random.Next(2) == 0 ? "LTE" : null, random.Next(3) == 0 ? "490154203237518" : null));
            }
        }
        return reports;
    }

    /// <summary>The sum of all of it: of each session the largest counters.</summary>
    private static string Model(List<Report> told)
    {
        var sessions = told.GroupBy(report => report.Session).ToList();
        return $"{sessions.Sum(reports => reports.Max(report => report.UploadedBytes))}"
            + $"+{sessions.Sum(reports => reports.Max(report => report.DownloadedBytes))}";
    }

    private static Report[] Shuffled(Random random, List<Report> reports)
    {
        var shuffled = reports.ToArray();
        random.Shuffle(shuffled);
        return shuffled;
    }
}
