using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;
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
        var settings = new Dictionary<string, string?> { ["Storage:Data"] = folder.Path, ["Secrets:Key"] = "CANARY-right-of-this-store" };
        await (await TestServer.StartAsync(settings)).DisposeAsync();
        settings["Secrets:Key"] = "CANARY-wrong-of-this-store";

        var refused = await Assert.ThrowsAsync<StartException>(() => TestServer.StartAsync(settings));

        Assert.Contains("Secrets:Key", refused.Message, StringComparison.Ordinal);
        Canaries.Check("error", refused.ToString());
        settings["Secrets:Key"] = "CANARY-right-of-this-store";
        await (await TestServer.StartAsync(settings)).DisposeAsync();
    }

    [Fact]
    public async Task The_key_is_changed_at_a_start_that_is_given_the_old_one()
    {
        using var folder = new TestFolder();
        var settings = new Dictionary<string, string?> { ["Storage:Data"] = folder.Path, ["Secrets:Key"] = "CANARY-old-of-this-store" };
        string code;
        await using (var server = await TestServer.StartAsync(settings))
            code = await CodeAsync(server);

        settings["Secrets:Key"] = "CANARY-new-of-this-store";
        settings["Secrets:OldKey"] = "CANARY-older-of-this-store";
        var neither = await Assert.ThrowsAsync<StartException>(() => TestServer.StartAsync(settings));
        Canaries.Check("error", neither.ToString());
        settings["Secrets:OldKey"] = "CANARY-old-of-this-store";
        await using (var server = await TestServer.StartAsync(settings))
            Assert.Equal(code, await CodeAsync(server));

        settings.Remove("Secrets:OldKey");
        await using (var server = await TestServer.StartAsync(settings))
            Assert.Equal(code, await CodeAsync(server));
        settings["Secrets:Key"] = "CANARY-old-of-this-store";
        await Assert.ThrowsAsync<StartException>(() => TestServer.StartAsync(settings));
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
    public async Task A_key_ring_that_was_made_while_the_clock_was_ahead_stays_the_only_one()
    {
        using var folder = new TestFolder();
        byte[] first, second;
        await using (var database = SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance))
        {
            first = (await Secrets.OpenAsync(database, "key")).Seal("CANARY first");
            await SetTimesAsync(database, "key", TimeProvider.System.GetUtcNow().AddDays(1));
        }

        await using (var database = SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance))
            second = (await Secrets.OpenAsync(database, "key")).Seal("CANARY second");

        await using (var database = SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance))
        {
            var secrets = await Secrets.OpenAsync(database, "key");
            Assert.Equal("CANARY first", secrets.Open(first));
            Assert.Equal("CANARY second", secrets.Open(second));
        }
    }

    [Fact]
    public async Task An_activation_code_is_the_same_after_a_restart()
    {
        await using var server = await TestServer.StartAsync();
        var before = await CodeAsync(server);

        await server.RestartAsync();

        Assert.StartsWith("LPA:1$smdp.example.com$", before, StringComparison.Ordinal);
        Assert.Equal(before, await CodeAsync(server));
    }

    /// <summary>Makes the stored key ring one that was made at another time: it is AES-256-GCM of one XML element.</summary>
    private static async Task SetTimesAsync(Database database, string wrappingKey, DateTimeOffset madeAt)
    {
        using var aes = new AesGcm(SHA256.HashData(Encoding.UTF8.GetBytes("simkeeper key ring\n" + wrappingKey)), 16);
        var box = Convert.FromBase64String((await Installation.LoadAsync(database, "key-ring"))!);
        var clear = new byte[box.Length - 28];
        aes.Decrypt(box.AsSpan(0, 12), box.AsSpan(28), box.AsSpan(12, 16), clear);
        var ring = XElement.Parse(Encoding.UTF8.GetString(clear));
        ring.Element("creationDate")!.Value = madeAt.ToString("O", CultureInfo.InvariantCulture);
        ring.Element("activationDate")!.Value = madeAt.ToString("O", CultureInfo.InvariantCulture);
        ring.Element("expirationDate")!.Value = madeAt.AddDays(365_000).ToString("O", CultureInfo.InvariantCulture);
        clear = Encoding.UTF8.GetBytes(ring.ToString());
        box = new byte[clear.Length + 28];
        aes.Encrypt(box.AsSpan(0, 12), clear, box.AsSpan(28), box.AsSpan(12, 16));
        await Installation.StoreAsync(database, "key-ring", Convert.ToBase64String(box));
    }

    /// <summary>The activation code of the newest eSIM.</summary>
    private static async Task<string> CodeAsync(TestServer server)
    {
        var list = (await server.Gigs.FetchAsync("/projects/sandbox/sims?type=eSIM&limit=1")).Is(200);
        var id = list.Items[0].GetProperty("id").GetString();
        return (await server.Gigs.FetchAsync($"/projects/sandbox/sims/{id}/credentials")).Is(200)["activationCode"]!;
    }
}
