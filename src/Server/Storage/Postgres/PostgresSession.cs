using System.Collections.Concurrent;
using System.Data;
using Npgsql;

namespace Simkeeper.Server.Storage.Postgres;

/// <summary>
/// A connection of the pool in use by one piece of work. The driver prepares statements once they are used again. A statement whose result
/// nobody waits for is sent with the next statement or with the commit, which saves a round trip. A transaction begins with the first
/// statement that writes: under READ COMMITTED, reads before it see no less outside. If all writes are sent at the end, the batch itself is
/// the transaction.
/// </summary>
/// <param name="writes">True if it may write, and so needs a transaction.</param>
/// <param name="patience">
/// Of a request that only reads: its statements end once nobody waits for them. What writes is carried through.
/// </param>
internal sealed class PostgresSession(
    NpgsqlConnection connection, ConcurrentDictionary<Sql, PostgresStatement> statements, bool writes, Patience? patience = null) : Session
{
    private readonly CancellationToken _stop = patience?.Gone ?? CancellationToken.None;
    private readonly List<NpgsqlBatchCommand> _later = [];
    private NpgsqlTransaction? _transaction;

    /// <summary>The number of those that have a result, which is skipped.</summary>
    private int _results;

    public override ValueTask<int> ExecuteAsync(Sql sql, params ReadOnlySpan<object?> values)
    {
        Begin(sql);
        return _later.Count == 0
            ? ExecuteAsync(InTime(Statement(sql).Command(connection, values)))
            : ExecuteAsync(Batch(Statement(sql).Part(values)));
    }

    public override ValueTask<T?> OneAsync<T>(Sql sql, Func<Row, T> read, params ReadOnlySpan<object?> values)
        where T : default
    {
        Begin(sql);
        return _later.Count == 0
            ? OneAsync(InTime(Statement(sql).Command(connection, values)), read)
            : OneAsync(_results, Batch(Statement(sql).Part(values)), read);
    }

    public override ValueTask<List<T>> ListAsync<T>(Sql sql, Func<Row, T> read, params ReadOnlySpan<object?> values)
    {
        Begin(sql);
        return _later.Count == 0
            ? ListAsync(InTime(Statement(sql).Command(connection, values)), read)
            : ListAsync(_results, Batch(Statement(sql).Part(values)), read);
    }

    public override ValueTask LaterAsync(Sql sql, params ReadOnlySpan<object?> values)
    {
        _later.Add(Statement(sql).Part(values));
        return ValueTask.CompletedTask;
    }

    public override ValueTask ChangeAsync(Sql sql, params ReadOnlySpan<object?> values)
    {
        _later.Add(Statement(sql).Part(values, mustChange: true));
        _results++;
        return ValueTask.CompletedTask;
    }

    public override ValueTask StayOutAsync(Section section)
    {
        _later.Add(new NpgsqlBatchCommand(PostgresDialect.StayOut(section)));
        _results++;
        return ValueTask.CompletedTask;
    }

    public override async ValueTask<List<T>> ListEachAsync<T>(Sql sql, IReadOnlyList<object?[]> each, Func<int, Row, T> read)
    {
        var rows = new List<T>();
        if (each.Count == 0)
            return rows;
        for (var i = 0; i < each.Count - 1; i++)
            _later.Add(Statement(sql).Part(each[i]));
        var passedOver = _results;
        await using var batch = Batch(Statement(sql).Part(each[^1]));
        await using var reader = await batch.ExecuteReaderAsync(_stop);
        await PassOverAsync(reader, passedOver);
        var row = new PostgresRow(reader);
        for (var i = 0; i < each.Count; i++)
        {
            while (await reader.ReadAsync(_stop))
                rows.Add(read(i, row));
            await reader.NextResultAsync(_stop);
        }
        return rows;
    }

    public override async ValueTask<int> InsertAsync(Sql insert, IReadOnlyList<object?[]> rows)
    {
        if (rows.Count == 0)
            return 0;
        Begin(insert);
        await FlushAsync();
        var statement = Statement(insert);
        if (statement.CopyText() is not { } copyText)
        {
            await using var command = statement.InsertCommand(connection, rows);
            return await command.ExecuteNonQueryAsync(_stop);
        }
        await using var copy = await connection.BeginBinaryImportAsync(copyText);
        foreach (var row in rows)
            await statement.CopyAsync(copy, row);
        return (int)await copy.CompleteAsync();
    }

    /// <summary>Ends the transaction, with the statements that are still to be sent.</summary>
    public async Task CommitAsync()
    {
        if (_transaction is null)
            await FlushAsync();
        else if (_later.Count == 0)
            await _transaction.CommitAsync();
        else
            await ExecuteAsync(Batch(new NpgsqlBatchCommand("commit")));
    }

    public override async ValueTask DisposeAsync()
    {
        if (_transaction is not null)
            await _transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    /// <summary>Begins the transaction. Nothing is sent for it yet: the driver puts it before the next statement.</summary>
    private void Begin(Sql next)
    {
        if (writes && (_later.Count > 0 || !next.IsRead))
            _transaction ??= connection.BeginTransaction();
    }

    private PostgresStatement Statement(Sql sql) => PostgresStatement.Of(sql, connection, statements);

    private async ValueTask FlushAsync()
    {
        if (_later.Count == 0)
            return;
        var last = _later[^1];
        _later.RemoveAt(_later.Count - 1);
        await ExecuteAsync(Batch(last));
    }

    private NpgsqlBatch Batch(NpgsqlBatchCommand last)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (var command in _later)
            batch.BatchCommands.Add(command);
        batch.BatchCommands.Add(last);
        _later.Clear();
        _results = 0;
        if (SecondsLeft(batch.Timeout) is { } seconds)
            batch.Timeout = seconds;
        return batch;
    }

    /// <summary>Allows a statement no more than the time that the request has left.</summary>
    private NpgsqlCommand InTime(NpgsqlCommand command)
    {
        if (SecondsLeft(command.CommandTimeout) is { } seconds)
            command.CommandTimeout = seconds;
        return command;
    }

    /// <summary>The whole seconds that the request has left; null if they are no fewer than a statement may take anyway.</summary>
    /// <exception cref="OutOfTimeException">None is left.</exception>
    private int? SecondsLeft(int allowed)
    {
        if (patience is null)
            return null;
        patience.Check();
        var left = patience.Left;
        return left >= TimeSpan.Zero && (allowed == 0 || left < TimeSpan.FromSeconds(allowed))
            ? Math.Max(1, (int)Math.Ceiling(left.TotalSeconds))
            : null;
    }

    private async ValueTask<int> ExecuteAsync(NpgsqlCommand command)
    {
        await using (command)
            return await command.ExecuteNonQueryAsync(_stop);
    }

    private async ValueTask<int> ExecuteAsync(NpgsqlBatch batch)
    {
        await using (batch)
        {
            await batch.ExecuteNonQueryAsync(_stop);
            return (int)batch.BatchCommands[^1].RecordsAffected;
        }
    }

    private async ValueTask<T?> OneAsync<T>(NpgsqlCommand command, Func<Row, T> read)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, _stop);
            return await reader.ReadAsync(_stop) ? read(new PostgresRow(reader)) : default;
        }
    }

    private async ValueTask<T?> OneAsync<T>(int passedOver, NpgsqlBatch batch, Func<Row, T> read)
    {
        await using (batch)
        {
            await using var reader = await batch.ExecuteReaderAsync(_stop);
            await PassOverAsync(reader, passedOver);
            return await reader.ReadAsync(_stop) ? read(new PostgresRow(reader)) : default;
        }
    }

    private async ValueTask<List<T>> ListAsync<T>(NpgsqlCommand command, Func<Row, T> read)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync(_stop);
            return await ReadAllAsync(reader, read);
        }
    }

    private async ValueTask<List<T>> ListAsync<T>(int passedOver, NpgsqlBatch batch, Func<Row, T> read)
    {
        await using (batch)
        {
            await using var reader = await batch.ExecuteReaderAsync(_stop);
            await PassOverAsync(reader, passedOver);
            return await ReadAllAsync(reader, read);
        }
    }

    private async ValueTask PassOverAsync(NpgsqlDataReader reader, int results)
    {
        for (var i = 0; i < results; i++)
            await reader.NextResultAsync(_stop);
    }

    private async ValueTask<List<T>> ReadAllAsync<T>(NpgsqlDataReader reader, Func<Row, T> read)
    {
        var row = new PostgresRow(reader);
        var rows = new List<T>();
        while (await reader.ReadAsync(_stop))
            rows.Add(read(row));
        return rows;
    }

    private sealed class PostgresRow(NpgsqlDataReader reader) : Row
    {
        public override Guid? IdOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);

        public override string? TextOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

        public override long? NumberOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

        public override byte[]? BytesOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);
    }
}
