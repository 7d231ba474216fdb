using System.Data.Common;

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

    public override Guid ReadId(DbDataReader reader, int column) => new(reader.GetFieldValue<byte[]>(column), bigEndian: true);

    public override string Migration(string text) => text.Replace("{clustered}", "without rowid", StringComparison.Ordinal);
}
