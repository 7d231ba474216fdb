using System.Diagnostics;
using Simkeeper.Core;
using Simkeeper.Server.Storage.Postgres;

namespace Simkeeper.Bench;

/// <summary>The figures on PostgreSQL, which runs on the same cores.</summary>
internal static class PostgresFigures
{
    private const string Heading = "## PostgreSQL";
    private const int Sims = 100_000;
    private const int Paths = 10_000;
    private const int Readers = 32;
    private const int Writers = 64;
    private const int Jobs = 5_000;
    private const int Servers = 3;

    public static async Task<List<Figure>> GetAsync(Setup setup)
    {
        var store = await PostgresStore.OpenAsync(setup, "hot", Sims);
        await using var server = await store.ServeAsync(setup);
        await using var bare = new BarePostgres(store);
        await using var endpoint = await bare.ServeAsync();
        var paths = PathsOf(setup);
        async Task<double> PerSecond(string url) =>
            (await Wrk.RunAsync(url, "get.lua", Readers, setup.Seconds, paths, ServerProcess.GigsAuthorization)).PerSecond;
        var rounds = await Rounds.RunAsync(() => PerSecond(server.Url), () => PerSecond(endpoint.Urls.First()));
        return
        [
            Figure.AtLeast("GET one SIM, Gigs dialect, bearer key, ÷ bare Npgsql endpoint", 0.85,
                rounds.Ratio(0, 1), $"{rounds.Of(0):N0}/s", $"{rounds.Of(1):N0}/s"),
        ];
    }

    public static async Task<List<Figure>> PatchAsync(Setup setup)
    {
        var store = await PostgresStore.OpenAsync(setup, "hot", Sims);
        await using var server = await store.ServeAsync(setup);
        await using var bare = new BarePostgres(store);
        var paths = PathsOf(setup);
        var sims = PostgresStore.MastersOf(Sims);
        var rounds = await Rounds.RunAsync(
            async () => (await Wrk.RunAsync(
                server.Url, "patch.lua", Writers, setup.Seconds, paths, ServerProcess.GigsAuthorization)).PerSecond,
            () => bare.PatchesPerSecondAsync(sims, Writers, TimeSpan.FromSeconds(setup.Seconds)));
        return
        [
            Figure.AtLeast($"PATCH metadata, durable, {Writers} connections, ÷ bare read and CTE", 0.70,
                rounds.Ratio(0, 1), $"{rounds.Of(0):N0}/s", $"{rounds.Of(1):N0}/s"),
        ];
    }

    public static async Task<List<Figure>> ImportAsync(Setup setup)
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        var store = await PostgresStore.OpenAsync(setup, "import_" + run, 0);
        await using var server = await store.ServeAsync(setup);
        await using var bare = new BarePostgres(await PostgresStore.OpenAsync(setup, "copy_" + run, 0));
        using var client = ImportFigures.ClientOf(server);
        var (imported, copied) = (0, 0);
        var rounds = await Rounds.RunAsync(
            () => ImportFigures.ImportAsync(client, ImportFigures.RowsOfRound * imported++),
            () => bare.CopiedPerSecondAsync(ImportFigures.RowsOfRound * copied++, ImportFigures.RowsOfRound));
        return
        [
            Figure.AtLeast("import over HTTP ÷ bare COPY", 0.60,
                rounds.Ratio(0, 1), $"{rounds.Of(0):N0} rows/s", $"{rounds.Of(1):N0} rows/s"),
        ];
    }

    /// <summary>Timers due at once, worked on by one server and by several, on the cores that PostgreSQL needs too.</summary>
    public static async Task<List<Figure>> ServersAsync(Setup setup)
    {
        var store = await PostgresStore.OpenAsync(setup, "servers", Jobs);
        var rounds = await Rounds.RunAsync(
            () => DrainedPerSecondAsync(setup, store, Servers), () => DrainedPerSecondAsync(setup, store, 1));
        return
        [
            new Figure($"timers due at once: {Servers} servers ÷ 1", "none", $"{rounds.Ratio(0, 1):0.00} ({rounds.Of(0):N0}/s)",
                $"{rounds.Of(1):N0}/s", true),
        ];
    }

    public static async Task<List<Figure>> PagesAsync(Setup setup, int sims)
    {
        const int Few = 10_000;
        const double Most = 1.5;
        var small = await PostgresStore.OpenAsync(setup, "small", Few);
        var large = await PostgresStore.OpenAsync(setup, "large", sims);
        List<Figure> figures;
        await using (var smallServer = await small.ServeAsync(setup))
        await using (var largeServer = await large.ServeAsync(setup))
        {
            figures = await PageFigures.MeasureAsync(
                setup, (smallServer, PostgresStore.MastersOf(Few)), (largeServer, PostgresStore.MastersOf(sims)), Most);
            figures.AddRange(await PageFigures.MeasureFiltersAsync(setup, smallServer, largeServer, sims));
        }
        // The servers are gone: nobody else claims.
        await using var few = await PostgresDatabase.OpenAsync(small.ConnectionString, TimeProvider.System);
        await using var many = await PostgresDatabase.OpenAsync(large.ConnectionString, TimeProvider.System);
        var rounds = await Rounds.RunAsync(
            () => ClaimFigures.MedianAsync(many, PostgresStore.Master), () => ClaimFigures.MedianAsync(few, PostgresStore.Master));
        figures.Add(Figure.AtMost(
            $"claim of {ClaimFigures.Claimed} due jobs: p50 beside {sims:N0} parked timers ÷ beside {Few:N0}", Most, "",
            rounds.Ratio(0, 1), $"{rounds.Of(0):N0} µs", $"{rounds.Of(1):N0} µs"));
        return figures;
    }

    /// <summary>Puts the report in the place of an earlier one.</summary>
    public static async Task WriteAsync(string path, string report)
    {
        var page = await File.ReadAllTextAsync(path);
        var start = page.IndexOf($"\n{Heading}\n", StringComparison.Ordinal);
        var rest = "";
        if (start >= 0)
        {
            var next = page.IndexOf("\n## ", start + Heading.Length, StringComparison.Ordinal);
            rest = next < 0 ? "" : page[next..];
            page = page[..start];
        }
        await File.WriteAllTextAsync(path, $"{page.TrimEnd('\n')}\n\n{Heading}\n\n{report}{rest}");
    }

    private static async Task<double> DrainedPerSecondAsync(Setup setup, PostgresStore store, int count)
    {
        await store.ExecuteAsync($"""
            update sims set status = 'deactivated', shown = 'deactivated', status_since = 1750000000000;
            insert into jobs (org_id, kind, subject_id, lane, budget, due_at)
            select org_id, 'timer', id, 3, '', 4102444800000 from sims
            on conflict (org_id, kind, subject_id) do update set due_at = 4102444800000
            """);
        await store.ExecuteAsync("vacuum analyze");
        var servers = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => store.ServeAsync(setup)));
        try
        {
            await store.ExecuteAsync("update jobs set due_at = 1750000000001 where kind = 'timer'");
            const string Left = "select count(*) from jobs where kind = 'timer' and due_at = 1750000000001";
            var all = await store.ExecuteAsync(Left);
            var first = all;
            while (first == all)
                first = await store.ExecuteAsync(Left);
            var watch = Stopwatch.StartNew();
            while (await store.ExecuteAsync(Left) > 0)
                await Task.Delay(20);
            return first / watch.Elapsed.TotalSeconds;
        }
        finally
        {
            foreach (var server in servers)
                await server.DisposeAsync();
        }
    }

    private static string PathsOf(Setup setup)
    {
        var asked = new Random(1).GetItems(PostgresStore.MastersOf(Sims).ToArray(), Paths);
        return setup.Lines("paths", asked.Select(id => $"/projects/sandbox/sims/{Ids.ToBase62("sim", id)}"));
    }
}
