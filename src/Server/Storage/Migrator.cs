using System.Data.Common;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Storage;

/// <summary>Updates the schema: numbered files, forward only, each applied once in a transaction of its own.</summary>
internal static class Migrator
{
    /// <summary>The migrations of this program, in order.</summary>
    public static IReadOnlyList<(string Name, string Text)> All { get; } = Load();

    /// <param name="dialect">Translates a migration for the store.</param>
    /// <exception cref="StartException">
    /// A newer program has changed the store, or an applied migration differs from this program's.
    /// </exception>
    public static void Run(DbConnection connection, Func<string, string> dialect, DateTimeOffset now)
    {
        Execute(connection, null,
            "create table if not exists migrations (name text not null primary key, checksum text not null, applied_at bigint not null)");
        var applied = Applied(connection);
        if (applied.Keys.Except(All.Select(migration => migration.Name)).FirstOrDefault() is { } unknown)
            throw new StartException($"The store has the migration {unknown}, which this program does not know. Start a newer simkeeper.");
        foreach (var (name, text) in All)
        {
            var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
            if (applied.TryGetValue(name, out var known))
            {
                if (known != checksum)
                {
                    throw new StartException(
                        $"The migration {name} in the store differs from this program's. The store was made by another build.");
                }
                continue;
            }
            using var transaction = connection.BeginTransaction();
            Execute(connection, transaction, dialect(text));
            Execute(connection, transaction,
                $"insert into migrations (name, checksum, applied_at) values ('{name}', '{checksum}', {now.ToUnixTimeMilliseconds()})");
            transaction.Commit();
        }
    }

    private static Dictionary<string, string> Applied(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select name, checksum from migrations";
        using var reader = command.ExecuteReader();
        var applied = new Dictionary<string, string>();
        while (reader.Read())
            applied.Add(reader.GetString(0), reader.GetString(1));
        return applied;
    }

    private static void Execute(DbConnection connection, DbTransaction? transaction, string text)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private static List<(string, string)> Load()
    {
        const string prefix = "migrations/";
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return (name[prefix.Length..], reader.ReadToEnd());
            })];
    }
}
