using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Simkeeper.Bench;

/// <summary>The result of wrk: requests a second, and the latency that half of them stayed under, in microseconds.</summary>
internal sealed partial record Wrk(double PerSecond, double Median)
{
    /// <summary>Puts a server under load. One answer that is no success spoils the measurement.</summary>
    /// <param name="script">Which file of <c>wrk/</c> makes the requests.</param>
    public static async Task<Wrk> RunAsync(string url, string script, int connections, int seconds, string paths, string authorization)
    {
        var lua = Path.Combine(AppContext.BaseDirectory, "wrk", script);
        // One thread: it keeps up with the server, and leaves it the other cores.
        var start = new ProcessStartInfo("wrk",
            ["-t1", $"-c{connections}", $"-d{seconds}s", "--latency", "-s", lua, url, "--", paths, authorization])
        {
            RedirectStandardOutput = true,
        };
        using var wrk = Process.Start(start)!;
        var said = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        var median = Latency().Match(said);
        var rate = Rate().Match(said);
        if (!median.Success || !rate.Success || said.Contains("Non-2xx") || said.Contains("Socket errors"))
            throw new InvalidOperationException($"Load with {script} failed:\n{said}");
        var unit = median.Groups[2].Value switch { "us" => 1, "ms" => 1e3, _ => 1e6 };
        return new Wrk(Number(rate.Groups[1].Value), Number(median.Groups[1].Value) * unit);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s+50%\s+([\d.]+)(us|ms|s)", RegexOptions.Multiline)]
    private static partial Regex Latency();

    [GeneratedRegex(@"^Requests/sec:\s+([\d.]+)", RegexOptions.Multiline)]
    private static partial Regex Rate();
}
