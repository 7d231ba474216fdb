using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Simkeeper.Server.Storage.Sqlite;

/// <summary>
/// A prepared statement, and its current row. Ids are big-endian blobs, so that they sort as PostgreSQL's uuid does; times and flags are
/// integers.
/// </summary>
internal sealed class SqliteStatement : Row, IDisposable
{
    /// <summary>Texts up to this many characters are encoded on the stack.</summary>
    private const int ShortText = 256;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(sqlite3 database, Sql sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, Text(sql), raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>The number of rows that the connection's latest change changed.</summary>
    public int Changes => raw.sqlite3_changes(_database);

    /// <summary>Gives a parameter its value. SQLite numbers parameters by first appearance, as <see cref="Sql"/> does.</summary>
    public void Bind(int parameter, object? value) => Check(value switch
    {
        null => raw.sqlite3_bind_null(_statement, parameter + 1),
        string text => BindText(parameter + 1, text),
        Guid id => BindId(parameter + 1, id),
        DateTimeOffset time => raw.sqlite3_bind_int64(_statement, parameter + 1, time.ToUnixTimeMilliseconds()),
        bool flag => raw.sqlite3_bind_int64(_statement, parameter + 1, flag ? 1 : 0),
        int number => raw.sqlite3_bind_int64(_statement, parameter + 1, number),
        long number => raw.sqlite3_bind_int64(_statement, parameter + 1, number),
        byte[] bytes => raw.sqlite3_bind_blob(_statement, parameter + 1, bytes),
        _ => throw new ArgumentException($"No column type for {value.GetType()}."),
    });

    /// <summary>Moves to the next row; false at the end.</summary>
    /// <exception cref="SqliteException">SQLite refused.</exception>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
            Check(result);
        return result == raw.SQLITE_ROW;
    }

    /// <summary>Ends the run. <see cref="Step"/> has already reported any error.</summary>
    public void Reset() => _ = raw.sqlite3_reset(_statement);

    public override Guid? IdOrNull(int column) =>
        raw.sqlite3_column_blob(_statement, column) is { Length: > 0 } bytes ? new Guid(bytes, bigEndian: true) : null;

    public override string? TextOrNull(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public override long? NumberOrNull(int column) => IsNull(column) ? null : raw.sqlite3_column_int64(_statement, column);

    public override byte[]? BytesOrNull(int column) => IsNull(column) ? null : raw.sqlite3_column_blob(_statement, column).ToArray();

    public void Dispose() => _statement.Dispose();

    /// <summary>
    /// Names the index of a list, and removes the locks of a claim: the one process that has the store claims alone.
    /// </summary>
    public static string Text(Sql sql) => sql.WithIndexes(" indexed by $1").Replace(Sql.SkipLocked, "", StringComparison.Ordinal)
        .Replace(Sql.Held, "", StringComparison.Ordinal).Replace(Sql.Shared, "", StringComparison.Ordinal);

    private bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    private int BindId(int index, Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return raw.sqlite3_bind_blob(_statement, index, bytes);
    }

    private int BindText(int index, string text)
    {
        // An empty span would be bound as null.
        if (text.Length is 0 or > ShortText)
            return raw.sqlite3_bind_text(_statement, index, text);
        Span<byte> bytes = stackalloc byte[ShortText * 3];
        return raw.sqlite3_bind_text(_statement, index, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
