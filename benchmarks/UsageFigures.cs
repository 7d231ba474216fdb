using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Usage;

namespace Simkeeper.Bench;

/// <summary>Taking usage in over HTTP, against the bare writes of its rows; and reading a month of it.</summary>
internal static class UsageFigures
{
    private const int Sims = 100_000;

    /// <summary>Each reports once in a round, an hour after the round before.</summary>
    private const int RoundsOfReports = 10;

    private const int Batch = 1000;
    private const int Callers = 4;
    private const int Connections = 2;
    private const int HoursOfMonth = 30 * 24;

    /// <summary>SIMs that get the whole month; how many others there are changes nothing for one of them.</summary>
    private const int SimsOfMonth = 1000;

    private static readonly Guid Plan = Guid.ParseExact("1".PadLeft(32, '0'), "N");
    private static readonly string[] Places = [Roaming.Home, Roaming.National, "FRA"];

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        var (folder, sims) = await Stores.FillAsync(setup, "usage", Sims, number => Inventory.Imported(number) with
        {
            Status = SimStatus.Active,
            RatePlanId = Plan,
        });
        var copy = Stores.Copy(setup, folder, "usage-bare");
        var first = DateTimeOffset.UtcNow.AddHours(-RoundsOfReports);
        var (intake, floor) = (new List<double>(), new List<double>());
        await using (var server = await ServerProcess.StartAsync(setup.Program, folder))
        await using (var store = await BareStore.OpenAsync(copy))
        {
            for (var round = 0; round < RoundsOfReports; round++)
            {
                intake.Add(await TakeAsync(server, sims, first, round));
                floor.Add(Write(store, sims, first, round));
                Console.Error.WriteLine($"  {round + 1} of {RoundsOfReports} rounds: {intake[^1]:N0} and {floor[^1]:N0} reports/s");
            }
        }
        await using (var store = await BareStore.OpenAsync(folder))
            FillMonth(store, sims);
        await using var reader = await ServerProcess.StartAsync(setup.Program, folder);
        var ofSims = Enumerable.Range(0, SimsOfMonth).Select(i => $"/v1/Sims/{sims[i].Sid}/UsageRecords").ToList();
        return
        [
            Figure.AtLeast(
                $"usage intake, {Sims * RoundsOfReports:N0} reports over {Sims:N0} SIMs ÷ bare group commit of their rows", 0.30,
                Median(intake.Zip(floor, (taken, bare) => taken / bare)), $"{Median(intake):N0} reports/s", $"{Median(floor):N0}/s"),
            await ReadAsync("a month of one SIM, hourly data, as one record", ofSims),
            await ReadAsync("a month of one SIM by days", [.. ofSims.Select(path => path + "?Granularity=daily")]),
            await ReadAsync("a month of one SIM by hours, 1,000 to a page",
                [.. ofSims.Select(path => path + "?Granularity=hourly&PageSize=1000")]),
            await ReadAsync($"a month of an account of {Sims:N0} SIMs, as one record", ["/v1/UsageRecords"]),
            await ReadAsync($"a month of an account of {Sims:N0} SIMs by hours, 50 to a page", ["/v1/UsageRecords?Granularity=hourly"]),
        ];

        async Task<Figure> ReadAsync(string name, IReadOnlyList<string> paths)
        {
            var file = setup.Lines("usage", paths);
            var rounds = await Rounds.RunAsync(async () => (await Wrk.RunAsync(
                reader.Url, "get.lua", Connections, setup.Seconds, file, ServerProcess.KoreAuthorization)).Median);
            return new Figure($"{name}: p50", "none", $"{rounds.Of(0):N0} µs", "none", true);
        }
    }

    /// <summary>Sends a round of reports in batches. Reports a second.</summary>
    private static async Task<double> TakeAsync(ServerProcess server, List<Sim> sims, DateTimeOffset first, int round)
    {
        using var client = new HttpClient { BaseAddress = new Uri(server.Url) };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(ServerProcess.OperatorAuthorization);
        var start = $"{first:yyyy-MM-dd'T'HH:mm:ss'Z'}";
        var at = $"{first.AddHours(round):yyyy-MM-dd'T'HH:mm:ss'Z'}";
        var (uploaded, downloaded) = ((round + 1) * 1000, (round + 1) * 5000);
        var same = $$"""
            "session":"s-1","start":"{{start}}","at":"{{at}}","uploadedBytes":{{uploaded}},"downloadedBytes":{{downloaded}},
            "mcc":"999","mnc":"70","radio":"LTE"
            """;
        var bodies = sims.Chunk(Batch)
            .Select(batch => Encoding.ASCII.GetBytes($"[{string.Join(',', batch.Select(sim => $"{{\"sim\":\"{sim.Sid}\",{same}}}"))}]"))
            .ToList();
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(bodies, new ParallelOptions { MaxDegreeOfParallelism = Callers }, async (body, stop) =>
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await client.PostAsync("/operator/v1/usage", content, stop);
            var said = await response.Content.ReadAsStringAsync(stop);
            if (said != $$"""{"taken":{{Batch}},"refused":[]}""")
                throw new InvalidOperationException($"The usage was not taken: {said[..Math.Min(said.Length, 500)]}");
        });
        return sims.Count / watch.Elapsed.TotalSeconds;
    }

    /// <summary>
    /// The rows that a round of reports writes, as many reports to a commit as the server's writer takes. Reports a second.
    /// </summary>
    private static double Write(BareStore store, List<Sim> sims, DateTimeOffset first, int round)
    {
        var at = first.AddHours(round);
        var hour = UsageDeltas.HourOf(at.ToUnixTimeMilliseconds());
        var rows = sims.Select(sim =>
        {
            var known = DataSession.New(sim.OrgId, sim.Id, "s-1", first) with
            {
                AccountId = sim.AccountId,
                Start = first,
                ReportedAt = at,
                MarkedAt = hour,
                Uploaded = (round + 1) * 1000,
                Downloaded = (round + 1) * 5000,
                Mcc = "999",
                Mnc = "70",
                NetworkAt = at,
                Radio = "LTE",
                RadioAt = at,
            };
            return (Session: BareStore.Bound(DataSessionTable.Rows.Values(known)),
                Mark: BareStore.Bound(UsageMarkTable.Rows.Values((sim.OrgId, known.Id, known.LatestMark))),
                Hour: BareStore.Bound(sim.OrgId, sim.Id, hour, sim.AccountId, Roaming.Home, 1000L, 5000L, 0L, 0L));
        }).ToList();
        var watch = Stopwatch.StartNew();
        store.Write(rows, SqliteWriter.BatchMax, row =>
        {
            store.Execute(UsageSql.PutSession, row.Session);
            store.Execute(UsageSql.PutMark, row.Mark);
            store.Execute(UsageSql.AddToSim, row.Hour);
        });
        return rows.Count / watch.Elapsed.TotalSeconds;
    }

    /// <summary>A month of hours: of some SIMs, and of the account, whose hours are spread over as many rows as they can be.</summary>
    private static void FillMonth(BareStore store, List<Sim> sims)
    {
        var last = UsageDeltas.HourOf(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        var hours = Enumerable.Range(0, HoursOfMonth).Select(i => last - ((HoursOfMonth - i) * UsageDeltas.HourMilliseconds)).ToList();
        store.Write(sims.Take(SimsOfMonth), 1, sim =>
        {
            foreach (var hour in hours)
            {
                store.Execute(UsageSql.AddToSim,
                    BareStore.Bound(sim.OrgId, sim.Id, hour, sim.AccountId, Roaming.Home, 1000L, 5000L, 0L, 0L));
            }
        });
        store.Write(hours, 10, hour =>
        {
            foreach (var place in Places)
            {
                for (var stripe = 0L; stripe < UsageDeltas.Stripes; stripe++)
                    store.Execute(UsageSql.AddToAccount, BareStore.Bound(Plan, Plan, hour, stripe, place, 1_000_000L, 5_000_000L, 0L, 0L));
            }
        });
    }

    /// <summary>Of all rounds but the first, in which code is still being compiled and every session is new.</summary>
    private static double Median(IEnumerable<double> values) => values.Skip(1).Order().ElementAt(RoundsOfReports / 2);
}
