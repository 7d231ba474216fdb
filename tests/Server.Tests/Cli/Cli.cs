using System.Diagnostics;

namespace Simkeeper.Server.Tests;

/// <summary>The end of a run of the program: its exit code and what it printed.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Error);

/// <summary>Runs the real executable: the one built beside these tests, or the one that SIMKEEPER_TEST_PROGRAM names.</summary>
internal static class Cli
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Names another build of the program than the one beside the tests, such as the native one.</summary>
    private const string ProgramVariable = "SIMKEEPER_TEST_PROGRAM";

    private static string Executable
    {
        get
        {
            if (Environment.GetEnvironmentVariable(ProgramVariable) is { Length: > 0 } program)
                return program;
            // artifacts/bin/Server.Tests/<configuration>/ and artifacts/bin/Cli/<configuration>/
            var tests = new DirectoryInfo(AppContext.BaseDirectory);
            var name = OperatingSystem.IsWindows() ? "simkeeper.exe" : "simkeeper";
            return Path.Combine(tests.Parent!.Parent!.FullName, "Cli", tests.Name, name);
        }
    }

    public static Task<CliResult> RunAsync(params string[] args) => RunAsync([], "", args);

    /// <summary>Runs it to its end; when that takes too long, it is killed and the test fails.</summary>
    public static async Task<CliResult> RunAsync(Dictionary<string, string> environment, string input, params string[] args)
    {
        using var process = Start(environment, args);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            try
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), deadline.Token);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended without reading all of its input, which is its right.
            }
            await process.WaitForExitAsync(deadline.Token);
            return new CliResult(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>
    /// Starts it; the caller reads its streams and waits for its end. It hears Ctrl-C also where these tests do not, as when a shell runs
    /// them in the background.
    /// </summary>
    public static Process Start(Dictionary<string, string> environment, params string[] args) => Start(environment, null, args);

    /// <param name="openFiles">The files and sockets that it may open (<c>ulimit -n</c>); null: as many as these tests.</param>
    public static Process Start(Dictionary<string, string> environment, int? openFiles, string[] args)
    {
        string[] line = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", Executable, .. args] : [Executable, .. args];
        if (openFiles is { } most)
            line = ["sh", "-c", "ulimit -n \"$0\" && exec \"$@\"", $"{most}", .. line];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("SIMKEEPER_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
