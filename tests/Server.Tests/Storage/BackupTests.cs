using Microsoft.Data.Sqlite;
using Npgsql;
using Simkeeper.Server.Tests.Deliveries;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>The backups that docs/operations.md describes, each taken while a server works and restored into an empty place.</summary>
[SqliteOnly]
public sealed class BackupTests
{
    /// <summary>The machine is busy with tests: a statement may take long.</summary>
    private const string Unhurried = ";Timeout=15;Command Timeout=30";

    [Fact]
    public async Task A_backup_of_the_embedded_store_with_its_key_is_the_installation()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Storage:Database"] = null });
        var seen = await UseAsync(server);
        using var restored = new TestFolder();
        // What `sqlite3 simkeeper.db ".backup …"` calls.
        using (var source = new SqliteConnection($"Data Source={Path.Combine(server.Data, "simkeeper.db")};Pooling=False"))
        using (var backup = new SqliteConnection($"Data Source={restored.Of("simkeeper.db")};Pooling=False"))
        {
            source.Open();
            backup.Open();
            source.BackupDatabase(backup);
        }
        await server.NoteAsync(seen.Sim, "after the backup");
        File.Copy(Path.Combine(server.Data, "secrets.key"), restored.Of("secrets.key"));

        await CheckAsync(seen, new() { ["Storage:Database"] = null, ["Storage:Data"] = restored.Path });
    }

    [Fact]
    public async Task The_files_of_a_server_that_is_stopped_are_the_installation()
    {
        using var folder = new TestFolder();
        using var restored = new TestFolder();
        Seen seen;
        var settings = new Dictionary<string, string?> { ["Storage:Database"] = null, ["Storage:Data"] = folder.Path };
        await using (var server = await TestServer.StartAsync(settings))
            seen = await UseAsync(server);
        foreach (var file in Directory.GetFiles(folder.Path))
            File.Copy(file, restored.Of(Path.GetFileName(file)));

        await CheckAsync(seen, new() { ["Storage:Database"] = null, ["Storage:Data"] = restored.Path });
    }

    [Fact]
    public async Task A_dump_of_PostgreSQL_with_its_key_is_the_installation()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Storage:Database"] = postgres.ConnectionString + Unhurried,
            ["Secrets:Key"] = "the key of the backup",
        });
        var seen = await UseAsync(server);
        await postgres.ExecuteAsync("create database restored");

        await PostgresServer.RunAsync("pg_dump", "-h", postgres.Host, "-U", "simkeeper", "-Fc", "-f",
            $"{postgres.Host}/simkeeper.dump", "postgres");
        await server.NoteAsync(seen.Sim, "after the backup");
        await PostgresServer.RunAsync("pg_restore", "-h", postgres.Host, "-U", "simkeeper", "-d", "restored", "--exit-on-error",
            $"{postgres.Host}/simkeeper.dump");

        await CheckAsync(seen, new()
        {
            ["Storage:Database"] = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Database = "restored" } + Unhurried,
            ["Secrets:Key"] = "the key of the backup",
        });
    }

    /// <summary>Makes changes, one of which is under way when the backup is taken.</summary>
    private static async Task<Seen> UseAsync(TestServer server)
    {
        await server.FreezeAsync();
        var sim = await server.ServedAsync();
        await server.NoteAsync(sim, "before the backup");
        await server.AskAsync(sim, "suspended");
        var esim = (await server.Gigs.FetchAsync("/projects/sandbox/sims?limit=200")).Is(200).Items
            .First(item => item.GetProperty("type").GetString() == "eSIM").GetProperty("id").GetString()!;
        return new Seen(sim, (await server.Operator.FetchAsync("/operator/v1/sims?limit=500")).Is(200).Text, esim,
            await CodeAsync(server, esim));
    }

    private static async Task CheckAsync(Seen seen, Dictionary<string, string?> settings)
    {
        await using var server = await TestServer.StartAsync(settings);
        Assert.Equal(seen.Sims, (await server.Operator.FetchAsync("/operator/v1/sims?limit=500")).Is(200).Text);
        Assert.Equal(seen.Code, await CodeAsync(server, seen.Esim));
        await server.AdvanceAsync("1m");
        Assert.Equal("suspended", await server.SettledAsync(seen.Sim));
    }

    private static async Task<string?> CodeAsync(TestServer server, string esim) =>
        (await server.Gigs.FetchAsync($"/projects/sandbox/sims/{esim}/credentials")).Is(200)["activationCode"];

    private sealed record Seen(string Sim, string Sims, string Esim, string? Code);
}
