using System.Data.Common;

namespace Simkeeper.Server.Storage;

/// <summary>
/// One connection in the hands of one piece of work, with its prepared statements. On SQLite every call completes synchronously, so
/// the same code runs on the writer's thread and, on PostgreSQL, truly asynchronously.
/// </summary>
internal sealed class Session(DbConnection connection, SqlDialect dialect) : IAsyncDisposable
{
    private readonly Dictionary<Sql, DbCommand> _prepared = [];

    /// <summary>SQLite's asynchronous calls are its synchronous ones with a task around them: a read does without.</summary>
    private bool IsSynchronous => dialect is Sqlite.SqliteSqlDialect;

    /// <summary>Runs a statement and says how many rows it changed.</summary>
    public ValueTask<int> ExecuteAsync(Sql sql, params ReadOnlySpan<object?> values)
    {
        var command = Bind(sql, values);
        return IsSynchronous ? new(command.ExecuteNonQuery()) : new(command.ExecuteNonQueryAsync());
    }

    /// <summary>The first row, or default when there is none.</summary>
    public ValueTask<T?> OneAsync<T>(Sql sql, Func<Row, T> read, params ReadOnlySpan<object?> values)
    {
        var command = Bind(sql, values);
        if (!IsSynchronous)
            return OneAsync(command, read);
        using var reader = command.ExecuteReader();
        return new(reader.Read() ? read(new Row(reader, dialect)) : default);
    }

    /// <summary>All rows. Bound the statement by a LIMIT.</summary>
    public ValueTask<List<T>> ListAsync<T>(Sql sql, Func<Row, T> read, params ReadOnlySpan<object?> values)
    {
        var command = Bind(sql, values);
        if (!IsSynchronous)
            return ListAsync(command, read);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(new Row(reader, dialect)));
        return new(rows);
    }

    /// <summary>Whether there is any row.</summary>
    public ValueTask<bool> AnyAsync(Sql sql, params ReadOnlySpan<object?> values) => OneAsync(sql, static _ => true, values);

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _prepared.Values)
            await command.DisposeAsync();
        await connection.DisposeAsync();
    }

    private async ValueTask<T?> OneAsync<T>(DbCommand command, Func<Row, T> read)
    {
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? read(new Row(reader, dialect)) : default;
    }

    private async ValueTask<List<T>> ListAsync<T>(DbCommand command, Func<Row, T> read)
    {
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(read(new Row(reader, dialect)));
        return rows;
    }

    private DbCommand Bind(Sql sql, ReadOnlySpan<object?> values)
    {
        if (values.Length != sql.Parameters.Count)
            throw new ArgumentException($"{sql.Parameters.Count} values expected, {values.Length} given: {sql.Text}");
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql.Text;
            foreach (var name in sql.Parameters)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                command.Parameters.Add(parameter);
            }
            _prepared.Add(sql, command);
        }
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = dialect.Bind(values[i]);
        return command;
    }
}
