namespace Simkeeper.Server.Storage;

/// <summary>The statements of a checkup. They are the stores' own, run on connections that change nothing.</summary>
internal static class CheckupSql
{
    public const string Migrations = "select name from migrations order by name",
        KeyRing = "select value from installation where name = 'key-ring'",
        Tables = "select tablename::text from pg_tables where schemaname = current_schema() order by 1";

    /// <summary>Reads every page and every index of SQLite; one line for each fault, or <c>ok</c>.</summary>
    public static string EveryPage(int faultsMax) => $"pragma integrity_check({faultsMax})";

    /// <summary>Reads every row of a table of PostgreSQL whole, and counts them.</summary>
    public static string EveryRow(string table) =>
        $"select count(*)::text from (select length(t::text) from \"{table}\" t where t::text is not null) read";
}
