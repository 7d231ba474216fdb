using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Simkeeper.Server.Hosting;
using SQLitePCL;

namespace Simkeeper.Server.Storage.Sqlite;

/// <summary>
/// The embedded store: prepared readers, and one writer that commits queued transactions in groups. The folder belongs to this process
/// alone (an exclusive lock), so there are no lost races and every lease of an earlier process is void.
/// </summary>
internal sealed class SqliteDatabase : Database
{
    /// <summary>The most readers at once; further requests wait their turn.</summary>
    public static readonly int ReadersMax = Math.Max(4, Environment.ProcessorCount * 2);

    /// <summary>The wait of a connection for another tool's lock. The writer has a wait of its own.</summary>
    private const int BusyMilliseconds = 30_000;

    /// <summary>
    /// Makes readers map the database file, up to its first GiB: a cache of their own would be void after every commit. The file never
    /// shrinks while it is mapped.
    /// </summary>
    private const string ReaderPragmas = "pragma query_only = 1; pragma cache_size = -8000; pragma mmap_size = 1073741824";

    private readonly DataFolder _folder;
    private readonly ILogger _log;
    private readonly string _connectionString;
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly ReaderTurns _turns = new(ReadersMax);
    private readonly SqliteSession _probe;
    private readonly SemaphoreSlim _probing = new(1);
    private readonly SqliteWriter _writer;
    private readonly SqliteCheckpoints _checkpoints;
    private readonly DateTimeOffset _openedAt;
    private readonly long _opened;
    private volatile bool _isGone;

    /// <summary>
    /// One thread at a time uses a connection, so SQLite needs no lock around it. Its memory statistics are off: nobody reads them, and
    /// they would be a lock that all connections share.
    /// </summary>
    static SqliteDatabase()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    private SqliteDatabase(DataFolder folder, long logBytesMax, TimeProvider wall, ILogger log)
    {
        (_folder, _log) = (folder, log);
        (_openedAt, _opened) = (wall.GetUtcNow(), wall.GetTimestamp());
        _connectionString = new SqliteConnectionStringBuilder { DataSource = folder.DatabasePath, Pooling = false }.ToString();
        var connection = Open(_connectionString, "pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 0");
        Migrator.Run(connection, text => text.Replace("{clustered}", "without rowid", StringComparison.Ordinal), wall.GetUtcNow());
        // What a killed server left in the log is in the database before anything is added to it.
        Execute(connection, "pragma wal_checkpoint(truncate)");
        folder.MarkOpen();
        _probe = new SqliteSession(Open(_connectionString, ReaderPragmas));
        _writer = new SqliteWriter(new SqliteSession(connection), () => IsGone(connection));
        _checkpoints = new SqliteCheckpoints(
            Open(_connectionString, "pragma busy_timeout = 0"), _writer, folder.LogPath, logBytesMax, wall, log);
    }

    /// <summary>Locks the folder, opens its database and brings the schema up to date.</summary>
    /// <param name="logBytesMax">The size of the write-ahead log above which it is emptied.</param>
    /// <exception cref="StartException">
    /// The folder cannot be used (<see cref="DataFolder.Open"/>), its database is damaged, or is newer than this program.
    /// </exception>
    public static SqliteDatabase Open(string folder, TimeProvider wall, ILogger log, long logBytesMax = SqliteCheckpoints.LogBytesMax)
    {
        var opened = DataFolder.Open(folder);
        try
        {
            return new SqliteDatabase(opened, logBytesMax, wall, log);
        }
        catch (SqliteException e)
        {
            opened.Dispose();
            throw new StartException($"The database in {folder} cannot be opened: {e.Message} "
                + "`simkeeper doctor --check` says more.", e);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    public override DateTimeOffset LeaseTime(TimeProvider wall) => _openedAt + wall.GetElapsedTime(_opened);

    public override async ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work)
    {
        var patience = Patience.Current;
        var org = ReaderTurns.OrgOf(patience);
        await _turns.TakeAsync(org, patience);
        SqliteSession? session = null;
        try
        {
            if (!_readers.TryTake(out session))
                session = new SqliteSession(Open(_connectionString, ReaderPragmas), endsEarly: true);
            session.Patience = patience;
            return await work(session);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT && patience is not null)
        {
            patience.Check();
            throw new OutOfTimeException();
        }
        catch (SqliteException e) when (IsAway(e))
        {
            throw new StoreAwayException(e);
        }
        finally
        {
            if (session is not null)
            {
                session.Patience = null;
                _readers.Add(session);
            }
            _turns.Return(org);
        }
    }

    public override async ValueTask<bool> AnswersAsync()
    {
        await _probing.WaitAsync();
        try
        {
            return await AcrossOrgs.AnyAsync(_probe);
        }
        catch (SqliteException e) when (IsAway(e))
        {
            throw new StoreAwayException(e);
        }
        finally
        {
            _probing.Release();
        }
    }

    public override async Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work)
    {
        try
        {
            return await _writer.RunAsync(work, Patience.Current);
        }
        catch (SqliteException e) when (IsAway(e))
        {
            throw new StoreAwayException(e);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _checkpoints.DisposeAsync();
        await _writer.DisposeAsync();
        foreach (var reader in _readers)
            await reader.DisposeAsync();
        await _probe.DisposeAsync();
        _probing.Dispose();
        if (!_isGone)
            _folder.MarkClosed();
        _folder.Dispose();
    }

    public override bool TakesWrites => !_writer.IsStuck;

    /// <summary>True if the disk is full, gone, failing, read-only or damaged, or another tool keeps the file locked.</summary>
    private static bool IsAway(SqliteException e) => e.SqliteErrorCode
        is raw.SQLITE_BUSY or raw.SQLITE_IOERR or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_CORRUPT
        or raw.SQLITE_NOTADB;

    /// <summary>Looks if the files are still those that were opened, and says so once if not.</summary>
    private bool IsGone(SqliteConnection connection)
    {
        var isGone = _folder.IsGone(connection);
        if (isGone && !_isGone)
        {
            _log.LogCritical("{File} or its write-ahead log was deleted or replaced while this server has it open. Nothing is acknowledged "
                + "any more. Put the files back, or stop the server and restore a backup.", _folder.DatabasePath);
        }
        return _isGone = isGone;
    }

    private static SqliteConnection Open(string connectionString, string pragmas)
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        Execute(connection, $"pragma busy_timeout = {BusyMilliseconds}; {pragmas}");
        return connection;
    }

    private static void Execute(SqliteConnection connection, string statements)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }
}
