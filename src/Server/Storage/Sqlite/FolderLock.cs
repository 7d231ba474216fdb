using System.Runtime.InteropServices;

namespace Simkeeper.Server.Storage.Sqlite;

/// <summary>An exclusive lock on a folder itself, between processes (<c>flock</c>). It ends with the process, however that ends.</summary>
internal sealed class FolderLock : IDisposable
{
    private const int ReadOnly = 0, Exclusive = 2, WithoutWaiting = 4, Unlock = 8;

    private readonly int _file;

    private FolderLock(int file) => _file = file;

    /// <exception cref="IOException">Another process has it, or the folder cannot be opened.</exception>
    public static FolderLock Take(string folder)
    {
        var file = open(folder, ReadOnly | (OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000)); // Not for child processes: O_CLOEXEC.
        if (file < 0)
            throw Failed(folder);
        if (flock(file, Exclusive | WithoutWaiting) == 0)
            return new FolderLock(file);
        var failed = Failed(folder);
        _ = close(file);
        throw failed;
    }

    /// <summary>
    /// Unlocks before it closes: a child process that is being made at this moment has a copy of the file, and would keep the lock.
    /// </summary>
    public void Dispose()
    {
        _ = flock(_file, Unlock);
        _ = close(_file);
    }

    private static IOException Failed(string folder)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"The folder {folder} cannot be locked: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int flock(int file, int operation);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int file);
}
