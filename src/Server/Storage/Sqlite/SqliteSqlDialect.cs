using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Simkeeper.Server.Storage.Sqlite;

/// <summary>SQLite: ids are big-endian blobs, so that they sort as PostgreSQL's uuid does; times and flags are integers.</summary>
internal sealed class SqliteSqlDialect : SqlDialect
{
    public override object Bind(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id => id.ToByteArray(bigEndian: true),
        DateTimeOffset time => time.ToUnixTimeMilliseconds(),
        bool flag => flag ? 1L : 0L,
        int number => (long)number,
        string or long or byte[] => value,
        _ => throw new ArgumentException($"No column type for {value.GetType()}."),
    };

    // A row of a SIM has 35 columns, and a page 50 rows: past the driver's checks, a column is one call into SQLite.

    public override Guid ReadId(DbDataReader reader, int column) => new(raw.sqlite3_column_blob(Statement(reader), column), bigEndian: true);

    public override bool IsNull(DbDataReader reader, int column) => raw.sqlite3_column_type(Statement(reader), column) == raw.SQLITE_NULL;

    public override string ReadText(DbDataReader reader, int column) =>
        raw.sqlite3_column_text(Statement(reader), column).utf8_to_string() ?? throw new InvalidCastException($"Column {column} is null.");

    public override long ReadNumber(DbDataReader reader, int column) => raw.sqlite3_column_int64(Statement(reader), column);

    public override string Migration(string text) => text.Replace("{clustered}", "without rowid", StringComparison.Ordinal);

    private static sqlite3_stmt Statement(DbDataReader reader) => ((SqliteDataReader)reader).Handle!;
}
