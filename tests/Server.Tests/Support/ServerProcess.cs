using System.Diagnostics;

namespace Simkeeper.Server.Tests.Support;

/// <summary>A sandbox in a process of its own, which can be killed and made to stand still.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Listens = "Simkeeper listens on ";
    private readonly Process _process;

    private ServerProcess(Process process, Uri url)
    {
        _process = process;
        Url = url;
    }

    public Uri Url { get; }

    /// <summary>Starts it and waits until it listens.</summary>
    public static Task<ServerProcess> StartAsync(Dictionary<string, string> settings, params string[] options) =>
        StartAsync(settings, null, options);

    /// <param name="openFiles">The files and sockets that it may open (<c>ulimit -n</c>); null: as many as these tests.</param>
    public static async Task<ServerProcess> StartAsync(Dictionary<string, string> settings, int? openFiles, string[] options)
    {
        var stop = TestContext.Current.CancellationToken;
        var process = Cli.Start(
            settings.ToDictionary(setting => "SIMKEEPER__" + setting.Key.Replace(":", "__", StringComparison.Ordinal),
                setting => setting.Value), openFiles,
            ["serve", "--sandbox", "--urls", "http://127.0.0.1:0", .. options]);
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var said = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(stop) is { } line)
        {
            said.Add(line);
            if (line.IndexOf(Listens, StringComparison.Ordinal) is >= 0 and var at)
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new ServerProcess(process, new Uri(line[(at + Listens.Length)..].TrimEnd('.')));
            }
        }
        Assert.Fail($"It did not start: {string.Join('\n', said)}");
        return null!;
    }

    /// <summary>STOP makes it stand still, CONT lets it go on.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends it by a signal: TERM asks, KILL does not.</summary>
    public async Task EndAsync(string signal)
    {
        await SignalAsync(signal);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Without warning.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }
}
