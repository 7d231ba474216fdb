using System.Text.Json;

namespace Simkeeper.Bench;

/// <summary>
/// This program against an earlier one, by turns: requests a second, and processor time a request, which other work on the machine
/// disturbs less. Each has a folder of its own with the same SIMs, filled over HTTP, so that the stores may differ.
/// </summary>
internal static class EarlierFigures
{
    private const int Readers = 32;
    private const int Writers = 64;
    private const int Sims = 20_000;

    /// <summary>The ratio that counts as no worse: the machine itself varies by as much.</summary>
    private const double Least = 0.97;

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        await using var earlier = await Side.StartAsync(setup, setup.Earlier!, "earlier");
        await using var now = await Side.StartAsync(setup, setup.Program, "now");
        async Task<Figure> Load(string name, string script, int connections, Func<Side, string> paths, string authorization) => Of(name,
            await CompareAsync(setup, earlier, now, async side => setup.Seconds * (await Wrk.RunAsync(
                side.Server.Url, script, connections, setup.Seconds, paths(side), authorization)).PerSecond),
            "requests");
        return
        [
            await Load("GET one SIM, Gigs dialect", "get.lua", Readers, side => side.Gigs, ServerProcess.GigsAuthorization),
            await Load("GET one SIM, KORE dialect", "get.lua", Readers, side => side.Kore, ServerProcess.KoreAuthorization),
            await Load("PATCH metadata, durable", "patch.lua", Writers, side => side.Gigs, ServerProcess.GigsAuthorization),
            Of("import over HTTP", await CompareAsync(setup, earlier, now, side => side.ImportAsync()), "rows"),
        ];
    }

    private static Figure Of(string name, (double Rate, double Processor, double PerSecond) ratio, string unit) => Figure.AtLeast(
        $"{name}, now ÷ earlier", Least, ratio.Rate, $"{ratio.PerSecond:N0} {unit}/s",
        $"processor time: {ratio.Processor:0.00} of earlier");

    /// <summary>Measures both by turns.</summary>
    /// <param name="run">Does work for a while and says how much.</param>
    private static async Task<(double Rate, double Processor, double PerSecond)> CompareAsync(
        Setup setup, Side earlier, Side now, Func<Side, Task<double>> run)
    {
        var processor = new Dictionary<Side, List<double>> { [earlier] = [], [now] = [] };
        async Task<double> Measure(Side side)
        {
            var (before, start) = (side.Server.ProcessorTime(), Environment.TickCount64);
            var done = await run(side);
            var seconds = (Environment.TickCount64 - start) / 1e3;
            processor[side].Add((side.Server.ProcessorTime() - before).TotalSeconds / done);
            return done / seconds;
        }
        var rounds = await Rounds.RunAsync(() => Measure(earlier), () => Measure(now));
        var ratios = processor[now].Zip(processor[earlier], (ours, theirs) => ours / theirs).Skip(1).Order().ToList();
        return (rounds.Ratio(1, 0), ratios[ratios.Count / 2], rounds.Of(1));
    }

    /// <summary>One of the two programs, running on its own store.</summary>
    private sealed class Side(ServerProcess server, HttpClient client) : IAsyncDisposable
    {
        private int _imported = ImportFigures.RowsOfRound;

        public ServerProcess Server => server;

        /// <summary>Files of paths.</summary>
        public required string Gigs { get; init; }

        public required string Kore { get; init; }

        public static async Task<Side> StartAsync(Setup setup, string program, string name)
        {
            var folder = Directory.CreateDirectory(Path.Combine(setup.Scratch, name)).FullName;
            var server = await ServerProcess.StartAsync(program, folder);
            var client = ImportFigures.ClientOf(server);
            await ImportFigures.ImportAsync(client, 0);
            var ids = new List<(string Id, string Sid)>();
            for (string? after = null; ids.Count < Sims;)
            {
                var next = after is null ? "" : "&after=" + after;
                await using var page = await client.GetStreamAsync($"/operator/v1/sims?limit=500{next}");
                using var read = await JsonDocument.ParseAsync(page);
                ids.AddRange(read.RootElement.GetProperty("items").EnumerateArray()
                    .Where(sim => sim.GetProperty("account").GetString() == ServerProcess.MasterSid)
                    .Select(sim => (sim.GetProperty("id").GetString()!, sim.GetProperty("sid").GetString()!)));
                after = read.RootElement.GetProperty("next").GetString();
            }
            return new Side(server, client)
            {
                Gigs = setup.Lines($"{name}-gigs", ids.Select(sim => $"/projects/sandbox/sims/{sim.Id}")),
                Kore = setup.Lines($"{name}-kore", ids.Select(sim => $"/v1/Sims/{sim.Sid}")),
            };
        }

        public async Task<double> ImportAsync()
        {
            await ImportFigures.ImportAsync(client, _imported);
            _imported += ImportFigures.RowsOfRound;
            return ImportFigures.RowsOfRound;
        }

        public async ValueTask DisposeAsync()
        {
            client.Dispose();
            await server.DisposeAsync();
        }
    }
}
