using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage.Sqlite;

using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Files of a store that get lost, are damaged, or are in somebody's hands.</summary>
[Attack]
[SqliteOnly]
public sealed class DataFolderTests : IDisposable
{
    private const int PageBytes = 4096, FrameBytes = PageBytes + 24, HeaderBytes = 32;
    private const string Database = "simkeeper.db", Log = "simkeeper.db-wal", Key = "secrets.key", Lock = "simkeeper.lock";

    private readonly TestFolder _image = new();

    public void Dispose() => _image.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_installation_whose_database_is_gone_or_empty_does_not_become_a_new_one(bool isDeleted)
    {
        await using (var server = await TestServer.StartAsync())
        {
            await server.StopAsync();
            await CopyAsync(server.Data);
        }
        File.Delete(_image.Of(Database));
        if (!isDeleted)
            await File.Create(_image.Of(Database)).DisposeAsync();

        var refused = await Assert.ThrowsAsync<StartException>(StartAsync);

        Assert.Contains($"its database {Database} is missing or empty", refused.Message, StringComparison.Ordinal);
        Assert.Equal(isDeleted, !File.Exists(_image.Of(Database)));
    }

    [Fact]
    public async Task What_a_killed_server_leaves_is_taken_up_whole()
    {
        var names = await KilledAsync();

        await using var server = await StartAsync();

        Assert.Equal(names, await NamesAsync(server));
    }

    [Fact]
    public async Task The_log_that_a_killed_server_left_must_not_be_missing()
    {
        await KilledAsync();
        File.Delete(_image.Of(Log));

        var refused = await Assert.ThrowsAsync<StartException>(StartAsync);

        Assert.Contains($"{Log} that it left is missing", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, "its header")]
    [InlineData(HeaderBytes + 8, "frame 1")]
    [InlineData(HeaderBytes + 24 + 1000, "frame 1")]
    [InlineData(HeaderBytes + FrameBytes + 2000, "frame 2")]
    public async Task A_log_that_is_damaged_before_its_end_is_refused(int at, string where)
    {
        await KilledAsync();
        Flip(_image.Of(Log), at);

        var refused = await Assert.ThrowsAsync<StartException>(StartAsync);

        Assert.Contains($"is damaged ({where})", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transaction_that_was_being_written_when_the_machine_stopped_is_left_out()
    {
        var names = await KilledAsync();
        Flip(_image.Of(Log), new FileInfo(_image.Of(Log)).Length - 1000);

        await using var server = await StartAsync();

        Assert.Equal(names[..^1], (await NamesAsync(server))[..^1]);
    }

    [Fact]
    public async Task A_lost_key_is_missed_and_no_other_is_put_in_its_place()
    {
        await using var server = await TestServer.StartAsync();
        await server.StopAsync();
        var key = Path.Combine(server.Data, Key);
        var right = await File.ReadAllTextAsync(key, Stop);
        File.Delete(key);

        var missed = await Assert.ThrowsAsync<StartException>(server.RestartAsync);

        Assert.Contains($"{Key} is missing", missed.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(key));
        await File.WriteAllTextAsync(key, "", Stop);
        var empty = await Assert.ThrowsAsync<StartException>(server.RestartAsync);
        Assert.Contains("empty or cut off", empty.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(key, right, Stop);
        await server.RestartAsync();
    }

    [Fact]
    public async Task A_key_of_one_character_is_no_key()
    {
        var refused = await Assert.ThrowsAsync<StartException>(
            () => TestServer.StartAsync(new Dictionary<string, string?> { ["Secrets:Key"] = "k" }));

        Assert.True(refused.WrongUse);
        Assert.Contains("Secrets:Key", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_server_is_kept_out_even_if_somebody_has_deleted_the_lock()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux can a lock on the database stand beside SQLite's own.");
        await using var server = await TestServer.StartAsync();
        File.Delete(Path.Combine(server.Data, Lock));

        var refused = Assert.Throws<StartException>(() => SqliteDatabase.Open(server.Data, TimeProvider.System, NullLogger.Instance));

        Assert.Contains("in use by another simkeeper", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Database)]
    [InlineData(Log)]
    public async Task Nothing_is_acknowledged_into_a_file_that_was_taken_away(string name)
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.SimAsync("test");
        var (file, away) = (Path.Combine(server.Data, name), Path.Combine(server.Data, "away"));
        File.Move(file, away);

        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "lost"))).Is(503);

        await Calls.UntilAsync(() => server.Anonymous.FetchAsync("/health/ready"), ready => ready.Status == 503);
        Assert.Contains(server.Log.Lines, line => line.Contains("was deleted or replaced", StringComparison.Ordinal));
        File.Move(away, file);
        await Calls.UntilAsync(() => server.Anonymous.FetchAsync("/health/ready"), ready => ready.Status == 200);
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "kept"))).Is(200);
    }

    [Fact]
    public async Task A_server_that_cannot_write_because_another_program_keeps_the_lock_is_not_ready_until_it_can()
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.SimAsync("test");
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(server.Data, Database)};Pooling=False"))
        {
            await other.OpenAsync(Stop);
            await using var begin = other.CreateCommand();
            begin.CommandText = "begin immediate";
            await begin.ExecuteNonQueryAsync(Stop);

            (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "x"))).Is(503);
            (await server.Anonymous.FetchAsync("/health/ready")).Is(503);
            (await server.Kore.FetchAsync($"/v1/Sims/{sim}")).Is(200);
        }

        await Calls.UntilAsync(() => server.Anonymous.FetchAsync("/health/ready"), ready => ready.Status == 200);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_told_as_such()
    {
        var file = _image.Of("file");
        await File.WriteAllTextAsync(file, "", Stop);

        var refused = Assert.Throws<StartException>(
            () => SqliteDatabase.Open(Path.Combine(file, "data"), TimeProvider.System, NullLogger.Instance));

        Assert.DoesNotContain("another simkeeper", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [StartsProgram]
    public async Task The_doctor_says_what_is_wrong_and_reads_every_page()
    {
        await KilledAsync();
        var good = await Cli.RunAsync([], "", "doctor", "--check", "--data", _image.Path);
        Assert.True(good.ExitCode == 0, good.Output + good.Error);
        Assert.Contains("Every page", good.Output, StringComparison.Ordinal);
        await (await StartAsync()).DisposeAsync();
        for (var page = 4; page < 40; page++)
            Flip(_image.Of(Database), (page * PageBytes) + 2000);

        var wrong = await Cli.RunAsync([], "", "doctor", "--check", "--data", _image.Path);

        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("wrong", wrong.Output, StringComparison.Ordinal);
        Assert.Contains("Restore the folder from a backup", wrong.Output, StringComparison.Ordinal);
        File.Delete(_image.Of(Key));
        var keyless = await Cli.RunAsync([], "", "doctor", "--data", _image.Path);
        Assert.Contains(keyless.Output.Split('\n'), line => line.StartsWith("keys", StringComparison.Ordinal) && line.Contains("wrong"));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Task<TestServer> StartAsync() => TestServer.StartAsync(new Dictionary<string, string?> { ["Storage:Data"] = _image.Path });

    /// <summary>Makes the folder that a server leaves which is killed after some changes, and gives what it had acknowledged.</summary>
    private async Task<string[]> KilledAsync()
    {
        await using var server = await TestServer.StartAsync();
        // A reader keeps the log from beginning anew, so that every change from here on is in it.
        await using var reader = new SqliteConnection($"Data Source={Path.Combine(server.Data, Database)};Pooling=False");
        await reader.OpenAsync(Stop);
        await using var begin = reader.CreateCommand();
        begin.CommandText = "begin; select count(*) from sims";
        await begin.ExecuteScalarAsync(Stop);
        var sims = new List<string>();
        for (var i = 0; i < 5; i++)
            sims.Add(await server.SimAsync("test"));
        foreach (var sim in sims)
            (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", $"name of {sim}"))).Is(200);
        var names = await NamesAsync(server);
        await CopyAsync(server.Data);
        return names;
    }

    private static async Task<string[]> NamesAsync(TestServer server) =>
        [.. (await server.Kore.FetchAsync("/v1/Sims?PageSize=5")).Is(200).Json.GetProperty("sims").EnumerateArray()
            .Select(sim => $"{sim.GetProperty("sid")} {sim.GetProperty("friendly_name")}").Order()];

    /// <summary>Copies a folder as it is on the disk, with a program that looks at no lock.</summary>
    private async Task CopyAsync(string folder)
    {
        using var copy = Process.Start("cp", ["-a", folder + "/.", _image.Path]);
        await copy.WaitForExitAsync(Stop);
        Assert.Equal(0, copy.ExitCode);
    }

    private static void Flip(string path, long at)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 0xFF));
    }
}
