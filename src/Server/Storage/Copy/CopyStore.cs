using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Npgsql;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage.Postgres;

namespace Simkeeper.Server.Storage.Copy;

/// <summary>The outcome for one table.</summary>
/// <param name="Rows">Rows that both stores have.</param>
/// <param name="Written">Rows that this run had to write.</param>
/// <param name="Checksum">SHA-256 over every value in the order of the key, the same on both sides.</param>
internal sealed record CopiedTable(string Name, long Rows, long Written, string Checksum);

/// <summary>
/// Copies a data folder of the embedded store to PostgreSQL, also while a server runs on it: the copy is the folder as of one moment. If no
/// server has the folder open, none can start before the copy has ended. Chunks that are the same on both sides are skipped. So a run that
/// broke off is continued by the next one, and a last run after the server has stopped writes only what has changed since.
/// </summary>
internal static class CopyStore
{
    /// <summary>Rows that are compared together and, if they differ, written together.</summary>
    public const int ChunkRows = 2000;

    /// <summary>Comments that mark a copy that is complete, under way or broken off. A comment cannot collide with a row.</summary>
    private const string Whole = "copy of ", Unfinished = "unfinished copy of ";

    /// <summary>Refuses a PostgreSQL store that holds only part of a copy.</summary>
    /// <exception cref="StartException">It holds only part of a copy.</exception>
    public static async Task CheckAsync(Database database)
    {
        // PostgreSQL's own; run once by a server, and never on the embedded store.
        var look = new Sql("select obj_description('orgs'::regclass)");
        var mark = await database.ReadAsync(session => session.OneAsync(look, row => row.TextOrNull(0)));
        if (mark?.StartsWith(Unfinished, StringComparison.Ordinal) == true)
            throw new StartException("The database is an unfinished copy of a data folder. Run simkeeper migrate-store again, to its end.");
    }

    /// <summary>Marks this PostgreSQL store as used by a server: from now on it is no copy that may be overwritten.</summary>
    public static Task<int> EndAsync(Database database)
    {
        // PostgreSQL's own; run once by a server, and never on the embedded store.
        var forget = new Sql("comment on table orgs is null");
        return database.WriteAsync(session => session.ExecuteAsync(forget));
    }

    /// <summary>Copies, then reads both sides again and compares them.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="connectionString">An empty database, or the one of an earlier run from the same folder.</param>
    /// <param name="waits">Called if a server is starting on the database, or another copy to it is under way: the copy then waits.</param>
    /// <param name="progress">Called from time to time with the rows done and the rows in all.</param>
    /// <returns>The tables, and if a server had the folder open: it may have written more since.</returns>
    /// <exception cref="StartException">The folder or the database cannot be used.</exception>
    public static async Task<(IReadOnlyList<CopiedTable> Tables, bool IsLive)> RunAsync(
        string folder, string connectionString, TimeProvider wall, Action waits, Action<long, long> progress, CancellationToken stop)
    {
        try
        {
            return await CopyAllAsync(folder, connectionString, wall, waits, progress, stop);
        }
        catch (Exception e) when (e is NpgsqlException or SqliteException)
        {
            throw new StartException($"The copy broke off: {e.Message.TrimEnd('.')}. "
                + "Run it again: what is there already is not written anew.", e);
        }
    }

    private static async Task<(IReadOnlyList<CopiedTable> Tables, bool IsLive)> CopyAllAsync(
        string folder, string connectionString, TimeProvider wall, Action waits, Action<long, long> progress, CancellationToken stop)
    {
        var file = Path.Combine(folder, "simkeeper.db");
        if (!File.Exists(file))
            throw new StartException($"{folder} is no data folder: it has no simkeeper.db.", wrongUse: true);
        using var folderLock = Lock(folder);
        await using var source = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
        }.ToString());
        source.Open();
        Execute(source, "pragma query_only = 1");
        // Everything below reads the folder as of this moment.
        Execute(source, "begin");
        CheckMigrations(source);
        await (await PostgresDatabase.OpenAsync(connectionString, wall, waits)).DisposeAsync();
        var settings = PostgresDatabase.Settings(connectionString);
        settings.CommandTimeout = 0;
        await using var targets = PostgresDatabase.Source(settings);
        await using var target = await targets.OpenConnectionAsync(stop);
        // The lock ends with the connection that writes. While this connection can write, no server starts on a part of the copy and no
        // other copy mixes in.
        await PostgresSection.LockAsync(target, Section.Start, waits);
        var origin = OriginOf(source);
        await ClaimAsync(target, origin);

        var tables = Tables(source);
        var total = tables.Sum(table => table.Count(source));
        var done = 0L;
        var copied = new List<CopiedTable>();
        foreach (var table in tables)
        {
            var written = await CopyAsync(source, target, table, rows => progress(done += rows, total), stop);
            copied.Add(await VerifyAsync(source, target, table, written));
        }
        await MarkAsync(target, Whole + origin);
        return (copied, folderLock is null);
    }

    /// <summary>
    /// Deletes every row that differs, then writes the rows of the folder: a row whose unique value has moved to another row never meets
    /// its earlier self, whatever chunks the two are in.
    /// </summary>
    private static async Task<long> CopyAsync(
        SqliteConnection source, NpgsqlConnection target, CopyTable table, Action<int> progress, CancellationToken stop)
    {
        var differing = new List<object?[]?>();
        for (object?[]? after = null; ;)
        {
            stop.ThrowIfCancellationRequested();
            var rows = table.Read(source, after, ChunkRows);
            // The last chunk reaches to the end, so rows that the source no longer has are deleted.
            var upTo = rows.Count < ChunkRows ? null : table.KeyOf(rows[^1]);
            var there = await table.ReadAsync(target, after, upTo, ChunkRows + 1);
            if (Checksum(rows) == Checksum(there))
            {
                progress(rows.Count);
            }
            else
            {
                if (there.Count > 0)
                    await table.DeleteAsync(target, after, upTo);
                differing.Add(after);
            }
            if (upTo is null)
                break;
            after = upTo;
        }
        var written = 0L;
        foreach (var after in differing)
        {
            stop.ThrowIfCancellationRequested();
            var rows = table.Read(source, after, ChunkRows);
            await table.WriteAsync(target, rows);
            written += rows.Count;
            progress(rows.Count);
        }
        return written;
    }

    private static async Task<CopiedTable> VerifyAsync(SqliteConnection source, NpgsqlConnection target, CopyTable table, long written)
    {
        using var here = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var there = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long rowsHere = 0, rowsThere = 0;
        for (object?[]? after = null; ;)
        {
            var rows = table.Read(source, after, ChunkRows);
            CopyTable.AddTo(here, rows);
            rowsHere += rows.Count;
            if (rows.Count < ChunkRows)
                break;
            after = table.KeyOf(rows[^1]);
        }
        for (object?[]? after = null; ;)
        {
            var rows = await table.ReadAsync(target, after, null, ChunkRows);
            after = rows.Count < ChunkRows ? null : table.KeyOf(rows[^1]);
            CopyTable.AddTo(there, rows);
            rowsThere += rows.Count;
            if (after is null)
                break;
        }
        var (checksum, other) = (Convert.ToHexStringLower(here.GetHashAndReset()), Convert.ToHexStringLower(there.GetHashAndReset()));
        if (rowsHere != rowsThere || checksum != other)
        {
            throw new StartException($"{table.Name} has {rowsHere} rows in the folder and {rowsThere} in the database, or they differ. "
                + "Run it again.");
        }
        return new CopiedTable(table.Name, rowsHere, written, checksum);
    }

    /// <summary>Refuses a folder of an older program; starting the server on it once brings it up to date.</summary>
    private static void CheckMigrations(SqliteConnection source)
    {
        using var command = source.CreateCommand();
        command.CommandText = "select name from migrations order by name";
        using var reader = command.ExecuteReader();
        var applied = new List<string>();
        while (reader.Read())
            applied.Add(reader.GetString(0));
        if (!applied.SequenceEqual(Migrator.All.Select(migration => migration.Name)))
            throw new StartException("The folder is of another version of the program. Start this one on it once, then copy it.");
    }

    /// <summary>
    /// Identifies the folder that this is a copy of: every installation makes its own key ring, and its hash tells folders apart without
    /// showing it.
    /// </summary>
    private static string OriginOf(SqliteConnection source)
    {
        using var command = source.CreateCommand();
        command.CommandText = "select value from installation where name = 'key-ring'";
        return command.ExecuteScalar() is string ring
            ? Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(ring)))
            : throw new StartException("The folder has no installation yet. Start the server on it once.");
    }

    /// <summary>
    /// Marks an empty database as a copy under way. A copy of the same folder is continued; any other database is refused.
    /// </summary>
    private static async Task ClaimAsync(NpgsqlConnection target, string origin)
    {
        await using var look = new NpgsqlCommand(
            "select obj_description('orgs'::regclass), exists (select 1 from orgs) or exists (select 1 from installation)", target);
        await using (var reader = await look.ExecuteReaderAsync())
        {
            await reader.ReadAsync();
            var earlier = reader.IsDBNull(0) ? null : reader.GetString(0);
            if (earlier is null ? reader.GetBoolean(1) : earlier != Whole + origin && earlier != Unfinished + origin)
            {
                throw new StartException("The database is not empty: it has another installation, or a server has been started on it "
                    + "since it was copied. Give an empty one.");
            }
        }
        await MarkAsync(target, Unfinished + origin);
    }

    private static async Task MarkAsync(NpgsqlConnection target, string mark)
    {
        await using var command = new NpgsqlCommand($"comment on table orgs is '{mark}'", target);
        await command.ExecuteNonQueryAsync();
    }

    private static List<CopyTable> Tables(SqliteConnection source)
    {
        using var command = source.CreateCommand();
        command.CommandText =
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name <> 'migrations' order by name";
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
            names.Add(reader.GetString(0));
        return [.. names.Select(name => new CopyTable(source, name))];
    }

    /// <summary>Takes the lock that a server holds on its folder; null: a server holds it.</summary>
    private static FileStream? Lock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, "simkeeper.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string Checksum(IEnumerable<object?[]> rows)
    {
        using var checksum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        CopyTable.AddTo(checksum, rows);
        return Convert.ToHexStringLower(checksum.GetHashAndReset());
    }

    private static void Execute(SqliteConnection source, string text)
    {
        using var command = source.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
