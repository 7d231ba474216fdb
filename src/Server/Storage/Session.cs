namespace Simkeeper.Server.Storage;

/// <summary>
/// One connection in the hands of one piece of work, with its prepared statements. On SQLite every call completes synchronously, so
/// the same code runs on the writer's thread and, on PostgreSQL, truly asynchronously.
/// </summary>
internal abstract class Session : IAsyncDisposable
{
    /// <summary>Runs a statement and says how many rows it changed.</summary>
    public abstract ValueTask<int> ExecuteAsync(Sql sql, params ReadOnlySpan<object?> values);

    /// <summary>The first row, or default when there is none.</summary>
    public abstract ValueTask<T?> OneAsync<T>(Sql sql, Func<Row, T> read, params ReadOnlySpan<object?> values);

    /// <summary>All rows. Bound the statement by a LIMIT.</summary>
    public abstract ValueTask<List<T>> ListAsync<T>(Sql sql, Func<Row, T> read, params ReadOnlySpan<object?> values);

    /// <summary>Whether there is any row.</summary>
    public ValueTask<bool> AnyAsync(Sql sql, params ReadOnlySpan<object?> values) => OneAsync(sql, static _ => true, values);

    public abstract ValueTask DisposeAsync();
}
