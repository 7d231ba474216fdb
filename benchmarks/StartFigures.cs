using System.Diagnostics;

namespace Simkeeper.Bench;

/// <summary>Starting on an empty store, as in production: until the first 200, and what it holds when it has come to rest.</summary>
internal static class StartFigures
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        using var client = new HttpClient();
        var memory = new List<double>();
        var seconds = await Rounds.RunAsync(async () =>
        {
            var folder = Directory.CreateDirectory(Path.Combine(setup.Scratch, $"start-{memory.Count}")).FullName;
            var watch = Stopwatch.StartNew();
            await using var server = await ServerProcess.StartAsync(setup.Program, folder, sandbox: false);
            (await client.GetAsync($"{server.Url}/health/ready")).EnsureSuccessStatusCode();
            var elapsed = watch.Elapsed.TotalSeconds;
            await Task.Delay(Rest);
            memory.Add(server.ResidentMegabytes());
            return elapsed;
        });
        var resident = memory.TakeLast(Rounds.Count).Order().ElementAt(Rounds.Count / 2);
        return
        [
            Figure.AtMost("start on an empty store to the first 200", 0.8, " s", seconds.Of(0), "", "none"),
            Figure.AtMost("resident memory 10 s after", 110, " MB", resident, "", "none"),
        ];
    }
}
