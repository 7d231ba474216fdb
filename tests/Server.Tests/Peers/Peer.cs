using System.Diagnostics;

namespace Simkeeper.Server.Tests.Peers;

/// <summary>Programs nobody here wrote, run as processes. A missing one skips the test, but fails it under <c>CI=true</c>.</summary>
internal static class Peer
{
    private const string Python = "/usr/bin/python3";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    /// <summary>The folder of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    private static string Folder => Path.Combine(Repository, "tests", "Server.Tests", "Peers");

    /// <summary>Runs a script of this folder with Node against a server; fails with its output unless it exits with 0.</summary>
    public static Task RunNodeAsync(Uri server, string script, string[] arguments, params (string Name, string Value)[] environment) =>
        RunNodeAsync(script, arguments, [("SIMKEEPER_URL", server.ToString()), .. environment]);

    /// <summary>Runs a script of this folder with Node, in this folder; fails with its output unless it exits with 0.</summary>
    public static Task RunNodeAsync(string script, string[] arguments, params (string Name, string Value)[] environment) =>
        ReadNodeAsync(script, arguments, environment);

    /// <summary>Runs a script of this folder with Node, and gives its output; fails with it unless it exits with 0.</summary>
    public static Task<string> ReadNodeAsync(string script, string[] arguments, params (string Name, string Value)[] environment)
    {
        Require(OnPath("node"), "node is missing: install the Debian package nodejs");
        Require(Directory.Exists(Path.Combine(Folder, "node_modules")), "node_modules is missing: `npm ci` in tests/Server.Tests/Peers");
        return RunAsync("node", [Path.Combine(Folder, script), .. arguments], environment);
    }

    /// <summary>Runs a script of this folder with the system's Python, which has Debian's packages, and gives its output.</summary>
    public static async Task<string> ReadPythonAsync(string script, string module, params (string Name, string Value)[] environment)
    {
        Require(File.Exists(Python), $"{Python} is missing: install the Debian package python3-{module}");
        var (exitCode, _, _) = await RunAsync(new ProcessStartInfo(Python, ["-c", $"import {module}"]));
        Require(exitCode == 0, $"{module} is missing: install the Debian package python3-{module}");
        return await RunAsync(Python, [Path.Combine(Folder, script)], environment);
    }

    /// <summary>Runs a program of another test project, built in the same way as these tests, and gives its output.</summary>
    public static Task<string> ReadBuiltAsync(string project, params (string Name, string Value)[] environment)
    {
        var tests = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(tests.Parent!.Parent!.FullName, project, tests.Name, project);
        Require(File.Exists(program), $"{project} is missing: build the whole solution");
        return RunAsync(program, [], environment);
    }

    /// <summary>
    /// Gives the text that zbarimg reads in an image file. Only its stdout counts: it warns about a missing D-Bus on stderr.
    /// </summary>
    public static async Task<string> ReadQrCodeAsync(string file)
    {
        Require(OnPath("zbarimg"), "zbarimg is missing: install the Debian package zbar-tools");
        var (exitCode, output, errors) = await RunAsync(new ProcessStartInfo("zbarimg", ["-q", "--raw", file]));
        Assert.True(exitCode == 0, $"zbarimg ended with exit code {exitCode}\n{output}\n{errors}");
        return output.TrimEnd('\n');
    }

    private static async Task<string> RunAsync(string program, string[] arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var (exitCode, output, errors) = await RunAsync(start);
        Assert.True(exitCode == 0, $"{Path.GetFileName(program)} ended with exit code {exitCode}\n{output}\n{errors}");
        TestContext.Current.TestOutputHelper?.WriteLine(output);
        return output;
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var inTime = true;
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            inTime = false;
            process.Kill(entireProcessTree: true);
        }

        Assert.True(inTime, $"{start.FileName} did not end within {Deadline}\n{await output}\n{await errors}");
        return (process.ExitCode, await output, await errors);
    }

    private static void Require(bool present, string otherwise)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.True(present, otherwise);
        else
            Assert.SkipUnless(present, otherwise);
    }

    private static bool OnPath(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "simkeeper.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests run outside the repository.");
        return folder;
    }
}
