using System.Diagnostics;

namespace Simkeeper.Bench;

/// <summary>
/// Measures the start on an empty folder until the first 200, the memory when the server has come to rest, and the size of the files.
/// The floor is the jitted build.
/// </summary>
internal static class StartFigures
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        var starts = await Rounds.RunAsync(
            () => SecondsAsync(setup, setup.Native, sandbox: false), () => SecondsAsync(setup, setup.Jitted, sandbox: false),
            () => SecondsAsync(setup, setup.Native, sandbox: true), () => SecondsAsync(setup, setup.Jitted, sandbox: true));
        var memory = await Rounds.RunAsync(() => MegabytesAsync(setup, setup.Native), () => MegabytesAsync(setup, setup.Jitted));
        return
        [
            Figure.AtMost("native start on an empty store to the first 200", 0.15, " s", starts.Of(0), "", $"jitted {starts.Of(1):0.00} s"),
            Figure.AtMost("native start of a new sandbox to the first 200", 0.25, " s", starts.Of(2), "", $"jitted {starts.Of(3):0.00} s"),
            Figure.AtMost("native, resident memory 10 s after", 50, " MB", memory.Of(0), "", $"jitted {memory.Of(1):0.00} MB"),
            Figure.AtMost("native, size of the program's files", 45, " MB", SizeOf(setup.Native), "",
                $"jitted {SizeOf(setup.Jitted):0.00} MB"),
        ];
    }

    private static async Task<double> SecondsAsync(Setup setup, string program, bool sandbox)
    {
        using var client = new HttpClient();
        var folder = NewFolder(setup);
        var watch = Stopwatch.StartNew();
        await using var server = await ServerProcess.StartAsync(program, folder, sandbox);
        (await client.GetAsync($"{server.Url}/health/ready")).EnsureSuccessStatusCode();
        return watch.Elapsed.TotalSeconds;
    }

    private static async Task<double> MegabytesAsync(Setup setup, string program)
    {
        await using var server = await ServerProcess.StartAsync(program, NewFolder(setup), sandbox: false);
        await Task.Delay(Rest);
        return server.Megabytes("VmRSS");
    }

    private static string NewFolder(Setup setup) =>
        Directory.CreateDirectory(Path.Combine(setup.Scratch, "start-" + Guid.NewGuid().ToString("N"))).FullName;

    /// <summary>Megabytes of everything that was published.</summary>
    private static double SizeOf(string program) =>
        new DirectoryInfo(Path.GetDirectoryName(program)!).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) / 1e6;
}
