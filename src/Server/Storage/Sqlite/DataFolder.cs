using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Storage.Sqlite;

/// <summary>
/// The folder of the embedded store while one server has it. It keeps other servers out, and keeps a mark beside the database that says if
/// the last server ended cleanly. So a start can tell what is new from what is missing.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    /// <summary>The files of a store. The keys and the first credentials stand beside it only if it was used.</summary>
    public const string DatabaseName = "simkeeper.db", LockName = "simkeeper.lock", MarkName = "simkeeper.state", KeyName = "secrets.key";

    private const string IsOpen = "open\n", IsClosed = "closed\n";

    /// <summary>SQLITE_FCNTL_HAS_MOVED: tells if the file was renamed or deleted.</summary>
    private const int HasMoved = 20;

    private readonly string _folder;
    private readonly IDisposable[] _locks;

    private DataFolder(string folder, IDisposable[] locks)
    {
        _folder = folder;
        _locks = locks;
    }

    public string DatabasePath => Path.Combine(_folder, DatabaseName);

    public string LogPath => DatabasePath + "-wal";

    private string MarkPath => Path.Combine(_folder, MarkName);

    /// <summary>Locks the folder for this process, and refuses one that has lost something.</summary>
    /// <exception cref="StartException">
    /// Another process has it, it cannot be written, or its database or write-ahead log is missing or damaged.
    /// </exception>
    public static DataFolder Open(string folder)
    {
        var locks = new List<IDisposable>();
        try
        {
            PrivateFiles.CreateFolder(folder);
            locks.Add(PrivateFiles.Open(Path.Combine(folder, LockName), FileShare.None));
            if (Loss(folder) is { } loss)
                throw new StartException(loss);
            // Somebody may have deleted the lock file as stale, and cannot delete the folder. On Windows the file cannot be deleted either.
            if (!OperatingSystem.IsWindows())
                locks.Add(FolderLock.Take(folder));
            // SQLite gives its other files the mode of this one.
            PrivateFiles.Open(Path.Combine(folder, DatabaseName), FileShare.ReadWrite).Dispose();
            return new DataFolder(folder, [.. locks]);
        }
        catch (Exception e)
        {
            foreach (var held in locks)
                held.Dispose();
            throw e switch
            {
                UnauthorizedAccessException => new StartException($"The data folder {folder} cannot be written: {e.Message}", e),
                IOException held when IsHeld(held) => new StartException($"The data folder {folder} is in use by another simkeeper. "
                    + "Stop it, or give this one another --data.", e),
                IOException => new StartException($"The data folder {folder} cannot be used: {e.Message}", e),
                _ => e,
            };
        }
    }

    /// <summary>Says if a server has the folder.</summary>
    public static bool IsInUse(string folder)
    {
        try
        {
            if (File.Exists(Path.Combine(folder, LockName)))
                new FileStream(Path.Combine(folder, LockName), FileMode.Open, FileAccess.Read, FileShare.None).Dispose();
            if (!OperatingSystem.IsWindows() && Directory.Exists(folder))
                FolderLock.Take(folder).Dispose();
            return false;
        }
        catch (IOException e)
        {
            return IsHeld(e);
        }
    }

    /// <summary>Says what a folder has lost that no server has open; null: nothing that can be seen.</summary>
    public static string? Loss(string folder)
    {
        var (database, mark) = (new FileInfo(Path.Combine(folder, DatabaseName)), Path.Combine(folder, MarkName));
        var state = File.Exists(mark) ? File.ReadAllText(mark) : null;
        if (!database.Exists || database.Length == 0)
        {
            var left = new[] { MarkName, KeyName }.FirstOrDefault(name => File.Exists(Path.Combine(folder, name)));
            return left is null
                ? null
                : $"The data folder {folder} is an installation, for it has {left}, but its database {DatabaseName} is missing or empty. "
                    + $"Restore it from a backup. To begin a new installation, take another folder or delete {left}.";
        }
        var log = new FileInfo(database.FullName + "-wal");
        if (state == IsOpen && !log.Exists)
        {
            return $"The last server in {folder} did not end cleanly, and the write-ahead log {log.Name} that it left is missing: changes "
                + $"that were acknowledged may be lost. Put it back. To go on without them, delete {MarkName}.";
        }
        return !log.Exists || WriteAheadLog.Damage(log.FullName) is not { } damage
            ? null
            : $"The write-ahead log {log.Name} in {folder} is damaged ({damage}): changes that were acknowledged would be lost. Restore "
                + $"the folder from a backup. To go on without them, delete {log.Name} and {MarkName}.";
    }

    /// <summary>Says if the database or its log was deleted or replaced while this process has it open.</summary>
    public bool IsGone(SqliteConnection connection) =>
        sqlite3_file_control(connection.Handle!.DangerousGetHandle(), 0, HasMoved, out var moved) == 0 && moved != 0
        || !File.Exists(LogPath);

    /// <summary>Notes that the store is in use. From now on its write-ahead log must not be missing.</summary>
    public void MarkOpen() => Mark(IsOpen);

    /// <summary>
    /// Notes a clean end, once the store is closed. If another program still reads, the log stays; that program empties and deletes it when
    /// it ends, so from now on it may be missing.
    /// </summary>
    public void MarkClosed() => Mark(IsClosed);

    public void Dispose()
    {
        foreach (var held in _locks)
            held.Dispose();
    }

    private void Mark(string state) => PrivateFiles.WriteAsync(MarkPath, Encoding.ASCII.GetBytes(state)).GetAwaiter().GetResult();

    /// <summary>Says if another process holds the lock: EWOULDBLOCK on Linux and macOS, a sharing violation on Windows.</summary>
    private static bool IsHeld(IOException e) => (e.HResult & 0xFFFF) is 11 or 35 or 32;

    [DllImport("e_sqlite3")]
    private static extern int sqlite3_file_control(nint database, nint schema, int operation, out int moved);
}
