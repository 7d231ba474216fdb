using System.Collections.Concurrent;
using System.Diagnostics;
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

    private ServerProcess(Process process, string url)
    {
        _process = process;
        Url = url;
        Running[this] = process;
    }

    public string Url { get; }

    /// <summary>Starts a server and returns when it says where it listens.</summary>
    public static async Task<ServerProcess> StartAsync(string program, string data, bool sandbox = true, string? database = null)
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
        return await StartAsync(start);
    }

    /// <summary>Starts the floor, a process of this very program.</summary>
    public static Task<ServerProcess> StartConstantAsync(string url = "http://127.0.0.1:0") =>
        StartAsync(new ProcessStartInfo(Environment.ProcessPath!, [ConstantServer.Argument, url]) { RedirectStandardOutput = true });

    private static async Task<ServerProcess> StartAsync(ProcessStartInfo start)
    {
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Listens().Match(line) is not { Success: true } listens)
                continue;
            // Whatever it says from now on must not fill the pipe.
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
            return new ServerProcess(process, listens.Groups[1].Value);
        }
        throw new InvalidOperationException("The server ended before it was ready.");
    }

    /// <summary>Memory in use by the process, in megabytes (VmRSS).</summary>
    public double ResidentMegabytes()
    {
        _process.Refresh();
        return _process.WorkingSet64 / 1e6;
    }

    /// <summary>Gives the processor time that the process has used so far.</summary>
    public TimeSpan ProcessorTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
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

    [GeneratedRegex(@"listens on (http://\S+?)/?\.?$")]
    private static partial Regex Listens();
}
