using Microsoft.Data.Sqlite;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Storage.Sqlite;

/// <summary>
/// Moves the write-ahead log into the database on a connection of its own, so that no writer waits for it. That does not make the log
/// shorter while transactions follow one another, so the writer itself empties a log that has become large.
/// </summary>
internal sealed class SqliteCheckpoints : IAsyncDisposable
{
    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);

    /// <summary>A log above this size is emptied; the writer then waits once.</summary>
    public const long LogBytesMax = 256 * 1024 * 1024;

    /// <summary>The time for which the writer is not held up again after a reader has kept the log from being emptied.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly SqliteConnection _connection;
    private readonly SqliteWriter _writer;
    private readonly string _logFile;
    private readonly long _logBytesMax;
    private readonly TimeProvider _wall;
    private readonly ILogger _log;
    private readonly Repeat _looks;
    private long _written;
    private long? _heldBack;

    public SqliteCheckpoints(
        SqliteConnection connection, SqliteWriter writer, string logFile, long logBytesMax, TimeProvider wall, ILogger log)
    {
        _connection = connection;
        _writer = writer;
        _logFile = logFile;
        _logBytesMax = logBytesMax;
        _wall = wall;
        _log = log;
        _looks = new Repeat(wall, LookAsync, Failed);
    }

    public async ValueTask DisposeAsync()
    {
        await _looks.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task<TimeSpan> LookAsync(CancellationToken stop)
    {
        if (_writer.IsStuck)
            await _writer.TryAsync();
        var log = new FileInfo(_logFile);
        if (!log.Exists || (log.LastWriteTimeUtc.Ticks == _written && log.Length <= _logBytesMax))
            return Every;
        _written = log.LastWriteTimeUtc.Ticks;
        await using (var command = _connection.CreateCommand())
        {
            command.CommandText = "pragma wal_checkpoint(passive)";
            command.ExecuteNonQuery();
        }
        if (log.Length > _logBytesMax && (_heldBack is null || _wall.GetElapsedTime(_heldBack.Value) > Pause))
            await EmptyAsync(log.Length);
        return Every;
    }

    private async Task EmptyAsync(long bytes)
    {
        if (await _writer.EmptyLogAsync())
        {
            _heldBack = null;
            return;
        }
        if (_heldBack is null)
        {
            _log.LogWarning("The write-ahead log has {Megabytes} MB and grows: a program has been reading the data file for long. "
                + "It is emptied once that ends.", bytes >> 20);
        }
        _heldBack = _wall.GetTimestamp();
    }

    private void Failed(Exception e)
    {
        if (e is StoreAwayException)
            return; // It has been said.
        if (e is SqliteException sqlite)
            _log.LogWarning("Checkpoint failed ({Code}); it is tried again.", sqlite.SqliteErrorCode);
        else
            _log.LogError(e, "Checkpoint failed; it is tried again.");
    }
}
