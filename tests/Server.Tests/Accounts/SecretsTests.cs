using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Accounts;

[SqliteOnly]
public sealed class SecretsTests
{
    [Fact]
    public async Task Another_key_refuses_to_start_and_says_which_setting_it_is()
    {
        using var folder = new TestFolder();
        var settings = new Dictionary<string, string?> { ["Storage:Data"] = folder.Path, ["Secrets:Key"] = "CANARY-right" };
        await (await TestServer.StartAsync(settings)).DisposeAsync();
        settings["Secrets:Key"] = "CANARY-wrong";

        var refused = await Assert.ThrowsAsync<StartException>(() => TestServer.StartAsync(settings));

        Assert.Contains("Secrets:Key", refused.Message, StringComparison.Ordinal);
        Canaries.Check("error", refused.ToString());
        settings["Secrets:Key"] = "CANARY-right";
        await (await TestServer.StartAsync(settings)).DisposeAsync();
    }

    [Fact]
    public async Task The_key_file_of_the_folder_is_made_once_and_readable_by_its_owner_only()
    {
        using var folder = new TestFolder();
        var settings = new Dictionary<string, string?> { ["Storage:Data"] = folder.Path };
        await (await TestServer.StartAsync(settings)).DisposeAsync();
        var key = await File.ReadAllTextAsync(folder.Of("secrets.key"), TestContext.Current.CancellationToken);

        await (await TestServer.StartAsync(settings)).DisposeAsync();

        Assert.Equal(key, await File.ReadAllTextAsync(folder.Of("secrets.key"), TestContext.Current.CancellationToken));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.Of("secrets.key")));
    }

    [Fact]
    public async Task A_sealed_secret_is_unreadable_in_the_store_and_read_back_after_a_restart()
    {
        using var folder = new TestFolder();
        byte[] @sealed, mac;
        await using (var database = SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance))
        {
            var secrets = await Secrets.OpenAsync(database, "key");
            @sealed = secrets.Seal("CANARY é");
            mac = secrets.Mac("data"u8);
            Assert.NotEqual(@sealed, secrets.Seal("CANARY é"));
        }
        Assert.DoesNotContain("CANARY", Encoding.Latin1.GetString(@sealed), StringComparison.Ordinal);

        await using (var database = SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance))
        {
            var secrets = await Secrets.OpenAsync(database, "key");
            Assert.Equal("CANARY é", secrets.Open(@sealed));
            Assert.Equal(mac, secrets.Mac("data"u8));
        }
    }

    [Fact]
    public async Task An_activation_code_is_the_same_after_a_restart()
    {
        await using var server = await TestServer.StartAsync();
        var list = await server.Gigs.GetStringAsync("/projects/sandbox/sims?type=eSIM&limit=1", TestContext.Current.CancellationToken);
        var id = JsonDocument.Parse(list).RootElement.GetProperty("items")[0].GetProperty("id").GetString();
        var path = $"/projects/sandbox/sims/{id}/credentials";
        var before = Code(await server.Gigs.GetStringAsync(path, TestContext.Current.CancellationToken));

        await server.RestartAsync();

        Assert.StartsWith("LPA:1$smdp.example.com$", before, StringComparison.Ordinal);
        Assert.Equal(before, Code(await server.Gigs.GetStringAsync(path, TestContext.Current.CancellationToken)));
    }

    private static string? Code(string credentials) => JsonDocument.Parse(credentials).RootElement.GetProperty("activationCode").GetString();
}
