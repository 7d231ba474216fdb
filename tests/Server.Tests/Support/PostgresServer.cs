using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Simkeeper.Server.Tests.Support;

/// <summary>A PostgreSQL server of one test's own, durable as by default, which can be stopped, killed, followed and promoted.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string StartWaitSeconds = "30";
    private static string? _binaries;

    private readonly string _folder = Directory.CreateTempSubdirectory("simkeeper-postgres-").FullName;

    private PostgresServer()
    {
    }

    /// <summary>The folder of the socket by which it is reached.</summary>
    public string Host => _folder;

    public string ConnectionString => $"Host={_folder};Username=simkeeper;Database=postgres";

    private static bool IsRoot => Environment.UserName == "root";

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Makes an empty one and starts it.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        var server = new PostgresServer();
        await server.OwnAsync();
        await RunAsync("initdb", "-D", server.Data, "-U", "simkeeper", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync");
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts one that follows this one, which waits for it at every commit from now on.</summary>
    public async Task<PostgresServer> FollowAsync()
    {
        var standby = new PostgresServer();
        await standby.OwnAsync();
        await RunAsync("pg_basebackup", "-h", _folder, "-U", "simkeeper", "-D", standby.Data, "-R", "-c", "fast", "--no-sync");
        await standby.StartAgainAsync();
        await ExecuteAsync("alter system set synchronous_standby_names = '*'");
        await ExecuteAsync("select pg_reload_conf()");
        await UntilFollowedAsync();
        return standby;
    }

    /// <summary>Waits until a standby follows.</summary>
    public Task UntilFollowedAsync() => Calls.UntilAsync(
        () => ExecuteAsync("select count(*) from pg_stat_replication where sync_state = 'sync'"), count => count is 1L);

    /// <summary>Stops it as an operator does (<c>fast</c>), or as a crash would (<c>immediate</c>).</summary>
    public Task StopAsync(string mode = "fast") => RunAsync("pg_ctl", "-D", Data, "-m", mode, "-w", "stop");

    public Task StartAgainAsync() => RunAsync("pg_ctl", "-D", Data, "-w", "-t", StartWaitSeconds, "-l", Path.Combine(_folder, "log"),
        "-o", $"-k {_folder} -c listen_addresses='' -c max_connections=300 -c shared_buffers=32MB", "start");

    /// <summary>It follows no longer: it takes writes.</summary>
    public Task PromoteAsync() => RunAsync("pg_ctl", "-D", Data, "-w", "-t", StartWaitSeconds, "promote");

    /// <summary>Runs a statement and gives the first value of its first row.</summary>
    public async Task<object?> ExecuteAsync(string statement)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false;Command Timeout=30");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>
    /// Runs a program of PostgreSQL, as somebody without rights where need be; fails with what it said unless it exits with 0.
    /// </summary>
    public static async Task RunAsync(string program, params string[] arguments)
    {
        string[] command = [Path.Combine(Binaries(), program), .. arguments];
        if (IsRoot)
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. command];
        var (exitCode, said) = await ProcessAsync(command);
        Assert.True(exitCode == 0, $"{string.Join(' ', command)} ended with {exitCode.ToString(CultureInfo.InvariantCulture)}: {said}");
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (File.Exists(Path.Combine(Data, "postmaster.pid")))
                await StopAsync("immediate");
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task OwnAsync()
    {
        Binaries();
        if (IsRoot)
            Assert.Equal(0, (await ProcessAsync("chown", "postgres", _folder)).ExitCode);
    }

    /// <summary>The folder of initdb and its like; on Debian they are not on the PATH.</summary>
    private static string Binaries() => _binaries ??= Find();

    private static string Find()
    {
        const string debian = "/usr/lib/postgresql";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (Directory.Exists(debian))
            folders = [.. folders, .. Directory.GetDirectories(debian).OrderDescending(StringComparer.Ordinal)
                .Select(folder => folder + "/bin")];
        if (folders.Select(folder => Path.Combine(folder, "initdb")).FirstOrDefault(File.Exists) is { } found)
            return Path.GetDirectoryName(File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName ?? found)!;
        const string reason = "initdb is missing: install the Debian package postgresql";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(reason);
        Assert.Skip(reason);
        return "";
    }

    private static async Task<(int ExitCode, string Said)> ProcessAsync(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await error);
    }
}
