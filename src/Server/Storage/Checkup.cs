using Microsoft.Data.Sqlite;
using Npgsql;
using Simkeeper.Server.Storage.Postgres;
using Simkeeper.Server.Storage.Sqlite;

namespace Simkeeper.Server.Storage;

/// <summary>One thing that was looked at.</summary>
/// <param name="Says">What was found and, if it is not good, the way to mend it.</param>
internal sealed record Finding(string Check, bool IsGood, string Says);

/// <summary>Looks at a store without changing it, also while a server runs on it: this is <c>simkeeper doctor</c>.</summary>
internal static class Checkup
{
    /// <summary>The most faults of pages that are told.</summary>
    public const int FaultsMax = 20;

    /// <summary>Looks at a data folder.</summary>
    /// <param name="key">Secrets:Key; null: that of the folder.</param>
    /// <param name="opens">Says if a key ring opens with a key.</param>
    /// <param name="everyPage">Reads every page of the database too.</param>
    public static async Task<IReadOnlyList<Finding>> OfFolderAsync(
        string folder, string? key, Func<string, string, bool> opens, bool everyPage, CancellationToken stop)
    {
        var path = Path.Combine(folder, DataFolder.DatabaseName);
        var findings = new List<Finding> { Privacy(folder, path) };
        var isHeld = DataFolder.IsInUse(folder);
        findings.Add(new("server", true, isHeld ? "A server runs on this folder." : "No server runs on this folder."));
        // A running server writes the log: only what it left behind can be judged.
        var loss = isHeld ? null : DataFolder.Loss(folder);
        findings.Add(new("files", loss is null, loss ?? "Database and write-ahead log are there and belong together."));
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
            return findings;
        try
        {
            await using var database = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            }.ToString());
            await database.OpenAsync(stop);
            findings.Add(Look("schema", () => Schema(Read(database, CheckupSql.Migrations))));
            var keyPath = Path.Combine(folder, DataFolder.KeyName);
            var kept = key ?? (File.Exists(keyPath) ? File.ReadAllText(keyPath) : null);
            findings.Add(Look("keys", () => Keys(Read(database, CheckupSql.KeyRing), kept, opens)));
            if (everyPage)
                findings.Add(await Task.Run(() => Look("pages", () => Pages(Read(database, CheckupSql.EveryPage(FaultsMax)), path)), stop));
        }
        catch (SqliteException e)
        {
            findings.Add(Damaged("database", e));
        }
        return findings;
    }

    /// <summary>Looks at a PostgreSQL database.</summary>
    /// <param name="key">Secrets:Key; null: not given.</param>
    /// <param name="opens">Says if a key ring opens with a key.</param>
    /// <param name="everyPage">Reads every row of every table too.</param>
    public static async Task<IReadOnlyList<Finding>> OfDatabaseAsync(
        string connectionString, string? key, Func<string, string, bool> opens, bool everyPage, CancellationToken stop)
    {
        var findings = new List<Finding>();
        try
        {
            var settings = PostgresDatabase.Settings(connectionString);
            settings.CommandTimeout = 0;
            await using var source = PostgresDatabase.Source(settings);
            await using var database = await source.OpenConnectionAsync(stop);
            findings.Add(new("server", true, $"PostgreSQL {database.PostgreSqlVersion} answers."));
            findings.Add(Schema(await ReadAsync(database, CheckupSql.Migrations, stop)));
            findings.Add(Keys(await ReadAsync(database, CheckupSql.KeyRing, stop), key, opens));
            foreach (var table in everyPage ? await ReadAsync(database, CheckupSql.Tables, stop) : [])
            {
                var rows = (await ReadAsync(database, CheckupSql.EveryRow(table), stop))[0];
                findings.Add(new("rows", true, $"{table}: {rows} rows were read."));
            }
        }
        catch (Exception e) when (e is NpgsqlException or ArgumentException)
        {
            findings.Add(new("database", false, e.Message));
        }
        return findings;
    }

    private static Finding Privacy(string folder, string database)
    {
        if (!Directory.Exists(folder))
            return new("folder", false, $"{folder} does not exist. Name the data folder with --data.");
        if (OperatingSystem.IsWindows() || !File.Exists(database))
            return new("folder", true, $"{folder} is there.");
        const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return (File.GetUnixFileMode(database) & Others) == 0
            ? new("folder", true, $"{folder} is its owner's alone.")
            : new("folder", false, $"Everybody can read {database}. Close it: chmod 600. The next start of a server does so too.");
    }

    private static Finding Schema(List<string> applied)
    {
        var known = Migrator.All.Select(migration => migration.Name).ToHashSet();
        if (applied.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            return new("schema", false, $"A newer program has changed the store ({unknown}). Use that one.");
        return new("schema", true, applied.Count == known.Count
            ? $"The schema is up to date ({applied.Count} migrations)."
            : $"The next start applies {known.Count - applied.Count} migrations.");
    }

    /// <param name="rings">The key ring, if there is one.</param>
    private static Finding Keys(List<string> rings, string? key, Func<string, string, bool> opens)
    {
        if (rings is not [var ring, ..])
            return new("keys", true, "The store has no secrets yet.");
        if (key is null)
            return new("keys", false, "The key of the stored secrets is missing. Give it as SIMKEEPER__Secrets__Key.");
        return opens(ring, key)
            ? new("keys", true, "The stored secrets open.")
            : new("keys", false, "The stored secrets do not open with this key. Give the one that the store was made with.");
    }

    /// <param name="faults">SQLite says ok, or one line for each fault.</param>
    private static Finding Pages(List<string> faults, string path) => faults is ["ok"]
        ? new("pages", true, $"Every page of {new FileInfo(path).Length >> 20} MB was read.")
        : new("pages", false, $"{string.Join("; ", faults)}. Restore the folder from a backup.");

    private static Finding Look(string check, Func<Finding> look)
    {
        try
        {
            return look();
        }
        catch (SqliteException e)
        {
            return Damaged(check, e);
        }
    }

    private static Finding Damaged(string check, SqliteException e) => new(check, false, $"{e.Message} Restore the folder from a backup.");

    private static List<string> Read(SqliteConnection database, string statement)
    {
        using var command = database.CreateCommand();
        command.CommandText = statement;
        using var reader = command.ExecuteReader();
        var values = new List<string>();
        while (reader.Read())
            values.Add(reader.GetString(0));
        return values;
    }

    private static async Task<List<string>> ReadAsync(NpgsqlConnection database, string statement, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(statement, database);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var values = new List<string>();
        while (await reader.ReadAsync(stop))
            values.Add(reader.GetString(0));
        return values;
    }
}
