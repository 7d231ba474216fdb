using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Simkeeper.Bench;

/// <summary>The published server as a process of its own.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    public const string MasterSid = "AC00000000000000000000000000000001";
    public const string GigsAuthorization = "Bearer gpk_sandbox";
    public const string OperatorAuthorization = "Bearer skop_sandbox";
    public static readonly string KoreAuthorization =
        "Basic " + Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"{MasterSid}:sandbox-token"));

    private static readonly ConcurrentDictionary<ServerProcess, Process> Running = new();
    private readonly Process _process;

    private readonly Task _said;

    private ServerProcess(Process process, string url, Task said)
    {
        _process = process;
        _said = said;
        Url = url;
        Running[this] = process;
    }

    public string Url { get; }

    public int Id => _process.Id;

    /// <summary>Starts a server and returns when it says where it listens.</summary>
    /// <param name="log">The file for what it says from then on; null: nowhere.</param>
    public static async Task<ServerProcess> StartAsync(
        string program, string data, bool sandbox = true, string? database = null, string? log = null)
    {
        var start = new ProcessStartInfo(program, ["serve", "--urls", "http://127.0.0.1:0", "--data", data])
        {
            RedirectStandardOutput = true,
        };
        if (sandbox)
            start.ArgumentList.Add("--sandbox");
        if (database is not null)
        {
            start.ArgumentList.Add("--database");
            start.ArgumentList.Add(database);
        }
        return await StartAsync(start, log);
    }

    /// <summary>Starts the floor, a process of this very program.</summary>
    public static Task<ServerProcess> StartConstantAsync(string url = "http://127.0.0.1:0") =>
        StartAsync(new ProcessStartInfo(Environment.ProcessPath!, [ConstantServer.Argument, url]) { RedirectStandardOutput = true });

    private static async Task<ServerProcess> StartAsync(ProcessStartInfo start, string? log = null)
    {
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Listens().Match(line) is not { Success: true } listens)
                continue;
            // Whatever it says from now on must not fill the pipe.
            var said = CopyAsync(process, log is null ? Stream.Null : File.Create(log));
            return new ServerProcess(process, listens.Groups[1].Value, said);
        }
        throw new InvalidOperationException("The server ended before it was ready.");
    }

    /// <summary>
    /// Gives a size in megabytes from the process's status, such as <c>VmRSS</c>, its memory in use, or <c>RssAnon</c>, that without mapped
    /// files.
    /// </summary>
    public double Megabytes(string name)
    {
        var line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    /// <summary>Gives the processor time that the process has used so far.</summary>
    public TimeSpan ProcessorTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>Asks it to end, waits until it has, and gives its exit code.</summary>
    public async Task<int> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        await _said;
        return _process.ExitCode;
    }

    /// <summary>Ends those that run.</summary>
    public static void EndAll()
    {
        foreach (var process in Running.Values)
            process.Kill();
    }

    /// <summary>Ends it at once: what it has answered is durable.</summary>
    public async ValueTask DisposeAsync()
    {
        Running.TryRemove(this, out _);
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task CopyAsync(Process process, Stream log)
    {
        await using (log)
            await process.StandardOutput.BaseStream.CopyToAsync(log);
    }

    [GeneratedRegex(@"listens on (http://\S+?)/?\.?$")]
    private static partial Regex Listens();
}
