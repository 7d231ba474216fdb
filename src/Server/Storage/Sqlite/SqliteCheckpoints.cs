using Microsoft.Data.Sqlite;

namespace Simkeeper.Server.Storage.Sqlite;

/// <summary>
/// Moves the write-ahead log into the database on a connection of its own, so that no writer waits for it: passively, and, when readers
/// have held it back until the log is large, by force.
/// </summary>
internal sealed class SqliteCheckpoints : IAsyncDisposable
{
    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);

    /// <summary>A log above this size is cut back by force; the writer then waits once.</summary>
    public const long LogBytesMax = 256 * 1024 * 1024;

    private readonly SqliteConnection _connection;
    private readonly string _logFile;
    private readonly TimeProvider _wall;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public SqliteCheckpoints(SqliteConnection connection, string logFile, TimeProvider wall, ILogger log)
    {
        _connection = connection;
        _logFile = logFile;
        _wall = wall;
        _log = log;
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await _connection.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Every, _wall);
        using var command = _connection.CreateCommand();
        long written = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                var log = new FileInfo(_logFile);
                if (!log.Exists || log.LastWriteTimeUtc.Ticks == written)
                    continue;
                written = log.LastWriteTimeUtc.Ticks;
                command.CommandText = log.Length > LogBytesMax ? "pragma wal_checkpoint(truncate)" : "pragma wal_checkpoint(passive)";
                try
                {
                    command.ExecuteNonQuery();
                }
                catch (SqliteException e)
                {
                    _log.LogWarning("Checkpoint failed ({Code}); it is tried again.", e.SqliteErrorCode);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
