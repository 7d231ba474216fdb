using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace Simkeeper.Bench;

/// <summary>Importing a vendor's file over HTTP, against the bare inserts of the rows it makes.</summary>
internal static class ImportFigures
{
    public const int RowsOfRound = 50_000;

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        var folder = Directory.CreateDirectory(Path.Combine(setup.Scratch, "import")).FullName;
        await using var server = await ServerProcess.StartAsync(setup.Program, folder);
        await using var store = await BareStore.OpenAsync(Path.Combine(setup.Scratch, "import-bare"));
        using var client = ClientOf(server);
        // Both stores grow alike, round by round.
        var (imported, inserted) = (0, 0);
        var rounds = await Rounds.RunAsync(
            async () => await ImportAsync(client, RowsOfRound * imported++),
            () => Task.FromResult(Insert(store, RowsOfRound * inserted++)));
        return
        [
            Figure.AtLeast("import over HTTP ÷ bare prepared inserts", 0.60,
                rounds.Ratio(0, 1), $"{rounds.Of(0):N0} rows/s", $"{rounds.Of(1):N0} rows/s"),
        ];
    }

    public static HttpClient ClientOf(ServerProcess server)
    {
        var client = new HttpClient { BaseAddress = new Uri(server.Url), Timeout = TimeSpan.FromMinutes(10) };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(ServerProcess.OperatorAuthorization);
        return client;
    }

    /// <summary>Rows a second.</summary>
    public static async Task<double> ImportAsync(HttpClient client, int first)
    {
        var csv = new StringBuilder(Inventory.CsvHeader).Append('\n');
        for (var number = first; number < first + RowsOfRound; number++)
            csv.Append(Inventory.CsvLine(number)).Append('\n');
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(csv.ToString()));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        var watch = Stopwatch.StartNew();
        using var response = await client.PostAsync($"/operator/v1/accounts/{ServerProcess.MasterSid}/sims/import?format=csv", content);
        var said = await response.Content.ReadAsStringAsync();
        var seconds = watch.Elapsed.TotalSeconds;
        return said.TrimEnd().EndsWith($$"""{"imported":{{RowsOfRound}},"present":0,"refused":0}""", StringComparison.Ordinal)
            ? RowsOfRound / seconds
            : throw new InvalidOperationException($"The import failed: {said[^Math.Min(said.Length, 500)..]}");
    }

    private static double Insert(BareStore store, int first)
    {
        var rows = Enumerable.Range(first, RowsOfRound).Select(number => BareStore.RowOf(Inventory.Imported(number))).ToList();
        var watch = Stopwatch.StartNew();
        store.Insert(rows);
        return RowsOfRound / watch.Elapsed.TotalSeconds;
    }
}
