namespace Simkeeper.Server.Storage;

/// <summary>
/// Makes folders and files that only their owner can read: the store holds the numbers of people. On Windows the folder's rights count.
/// </summary>
internal static class PrivateFiles
{
    private const UnixFileMode OfFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes the folder if it is missing. One that is there keeps its mode: it may hold other things.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OfFile | UnixFileMode.UserExecute);
    }

    /// <summary>Opens a file, and makes it if it is missing. One that everybody may read is closed to all but its owner.</summary>
    public static FileStream Open(string path, FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OfFile;
        var file = new FileStream(path, options);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
            File.SetUnixFileMode(file.SafeFileHandle, OfFile);
        return file;
    }

    /// <summary>Writes a file whole or not at all, and its folder if it is missing.</summary>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> content)
    {
        CreateFolder(Path.GetDirectoryName(path)!);
        var part = path + ".part";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OfFile;
        await using (var file = new FileStream(part, options))
        {
            await file.WriteAsync(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(part, path, overwrite: true);
    }
}
