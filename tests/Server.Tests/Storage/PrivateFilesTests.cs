using System.Runtime.Versioning;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>The store holds people's numbers, so nobody but its owner reads it.</summary>
[SqliteOnly]
[UnsupportedOSPlatform("windows")]
public sealed class PrivateFilesTests
{
    private const UnixFileMode OfFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task Folder_and_files_of_a_new_store_are_their_owners_alone()
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, "data");
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Storage:Data"] = data });
        await server.SimAsync();

        Assert.Equal(OfFile | UnixFileMode.UserExecute, File.GetUnixFileMode(data));
        Assert.All(Directory.EnumerateFiles(data), file => Assert.Equal((file, OfFile), (file, File.GetUnixFileMode(file))));
        Assert.Contains(Directory.EnumerateFiles(data), file => file.EndsWith("-wal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_store_that_everybody_could_read_is_closed_at_the_next_start()
    {
        await using var server = await TestServer.StartAsync();
        var store = Path.Combine(server.Data, "simkeeper.db");
        await server.StopAsync();
        File.SetUnixFileMode(store, OfFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        await server.RestartAsync();

        Assert.Equal(OfFile, File.GetUnixFileMode(store));
    }

    [Fact]
    public async Task A_folder_that_is_made_for_a_secret_alone_is_its_owners_too()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "new", "credentials.json");

        await PrivateFiles.WriteAsync(file, "{}"u8.ToArray());

        Assert.Equal(OfFile | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        Assert.Equal(OfFile, File.GetUnixFileMode(file));
    }
}
