using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>All that is in the copy of an old store, to see that nothing of it changes.</summary>
internal static class StoreContent
{
    /// <summary>The files of a folder, or the tables, columns, indexes and rows of a database, as text.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(OldRelease old)
    {
        if (old.Database is not { } database)
        {
            return [.. Directory.GetFiles(old.Data).Where(IsContent).Order(StringComparer.Ordinal)
                .Select(file => $"{Path.GetFileName(file)} {Hash(file)}")];
        }
        var content = new List<string>(await database.RowsAsync("""
            select table_name, column_name, data_type, column_default from information_schema.columns where table_schema = 'public'
            union all select tablename, indexname, indexdef, '' from pg_indexes where schemaname = 'public' order by 1, 2, 3
            """));
        foreach (var table in await database.RowsAsync("select tablename from pg_tables where schemaname = 'public' order by 1"))
            content.AddRange(await database.RowsAsync($"select '{table}', t::text from {table} t order by 2"));
        return content;
    }

    /// <summary>Runs a statement on the store while no server has it.</summary>
    public static async Task ExecuteAsync(OldRelease old, string statement)
    {
        await using DbConnection connection = old.Database is { } database
            ? new NpgsqlConnection(database.ConnectionString + ";Pooling=false")
            : new SqliteConnection($"Data Source={Path.Combine(old.Data, "simkeeper.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The lock, SQLite's index of its log, and a log without a word in it hold nothing.</summary>
    private static bool IsContent(string file) => new FileInfo(file).Length > 0
        && !file.EndsWith(".lock", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal);

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
