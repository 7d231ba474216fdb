using System.Collections.Concurrent;
using System.Data;
using Npgsql;

namespace Simkeeper.Server.Storage.Postgres;

/// <summary>A connection of the pool in the hands of one piece of work. Statements are prepared by the driver once they are used again.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection, ConcurrentDictionary<Sql, PostgresStatement> statements) : Session
{
    public override ValueTask<int> ExecuteAsync(Sql sql, params ReadOnlySpan<object?> values) => ExecuteAsync(Command(sql, values));

    public override ValueTask<T?> OneAsync<T>(Sql sql, Func<Row, T> read, params ReadOnlySpan<object?> values)
        where T : default => OneAsync(Command(sql, values), read);

    public override ValueTask<List<T>> ListAsync<T>(Sql sql, Func<Row, T> read, params ReadOnlySpan<object?> values) =>
        ListAsync(Command(sql, values), read);

    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    private NpgsqlCommand Command(Sql sql, ReadOnlySpan<object?> values) =>
        PostgresStatement.Of(sql, connection, statements).Command(connection, values);

    private static async ValueTask<int> ExecuteAsync(NpgsqlCommand command)
    {
        await using (command)
            return await command.ExecuteNonQueryAsync();
    }

    private static async ValueTask<T?> OneAsync<T>(NpgsqlCommand command, Func<Row, T> read)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow);
            return await reader.ReadAsync() ? read(new PostgresRow(reader)) : default;
        }
    }

    private static async ValueTask<List<T>> ListAsync<T>(NpgsqlCommand command, Func<Row, T> read)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync();
            var row = new PostgresRow(reader);
            var rows = new List<T>();
            while (await reader.ReadAsync())
                rows.Add(read(row));
            return rows;
        }
    }

    private sealed class PostgresRow(NpgsqlDataReader reader) : Row
    {
        public override Guid? IdOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);

        public override string? TextOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

        public override long? NumberOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

        public override byte[]? BytesOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);
    }
}
