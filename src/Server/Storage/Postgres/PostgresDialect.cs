using System.Text.RegularExpressions;

namespace Simkeeper.Server.Storage.Postgres;

/// <summary>Adapts the one text of a statement or a migration to PostgreSQL.</summary>
internal static partial class PostgresDialect
{
    /// <summary>The number space of our advisory locks: these 32 bits, then a <see cref="Section"/>.</summary>
    private const long Locks = 0x5349_4D4BL << 32;

    /// <summary>
    /// Adapts a migration: texts sort by their bytes, as on SQLite, whatever the database's own collation is; rows stay where they were
    /// written.
    /// </summary>
    public static string Schema(string migration) =>
        TextColumn().Replace(migration.Replace("{clustered}", "", StringComparison.Ordinal), "$1 text collate \"C\"");

    public static long LockKey(Section section) => Locks | (long)section;

    /// <summary>Adapts a statement and its locks.</summary>
    public static string Statement(Sql sql) => sql.WithIndexes("")
        .Replace(Sql.SkipLocked, "for update skip locked", StringComparison.Ordinal)
        .Replace(Sql.Held, "for no key update", StringComparison.Ordinal)
        .Replace(Sql.Shared, "for share", StringComparison.Ordinal);

    /// <summary>
    /// Makes others wait at the entry of a section until the transaction ends; divides by zero if a server is inside. It is a statement of
    /// its own: in a statement on tables, a distributed PostgreSQL refuses functions whose answer changes.
    /// </summary>
    public static string StayOut(Section section) => $"select 1 / pg_try_advisory_xact_lock_shared({LockKey(section)})::int";

    [GeneratedRegex(@"(\b[a-z_]+) +text\b")]
    private static partial Regex TextColumn();
}
