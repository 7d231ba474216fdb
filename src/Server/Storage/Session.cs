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

    /// <summary>Runs a statement whose outcome nobody asks for. It may be sent with the next one, at the latest with the commit.</summary>
    public virtual ValueTask LaterAsync(Sql sql, params ReadOnlySpan<object?> values) => Run(ExecuteAsync(sql, values), mustChange: false);

    /// <summary>Likewise, a statement that names the version it changes: if no row has it, the transaction ends.</summary>
    /// <exception cref="LostRaceException">Another transaction was first. Thrown now, by the next statement, or by the commit.</exception>
    public virtual ValueTask ChangeAsync(Sql sql, params ReadOnlySpan<object?> values) => Run(ExecuteAsync(sql, values), mustChange: true);

    /// <summary>Whoever enters a section waits for this transaction; if another server is inside, the transaction ends.</summary>
    /// <exception cref="LostRaceException">One is inside. Thrown now, by the next statement, or by the commit.</exception>
    public virtual ValueTask StayOutAsync(Section section) => ValueTask.CompletedTask;

    /// <summary>All rows of each of these orgs, org by org, in one go: the statement takes <c>@org_id</c> first.</summary>
    public virtual async ValueTask<List<T>> ListEachAsync<T>(
        Sql sql, IReadOnlyList<Guid> orgs, Func<Guid, Row, T> read, params object?[] values)
    {
        var rows = new List<T>();
        foreach (var orgId in orgs)
            rows.AddRange(await ListAsync(sql, row => read(orgId, row), [orgId, .. values]));
        return rows;
    }

    /// <summary>Runs an insert for many rows, each its values in the order of the parameters, and says how many it inserted.</summary>
    public virtual async ValueTask<int> InsertAsync(Sql insert, IReadOnlyList<object?[]> rows)
    {
        var inserted = 0;
        foreach (var row in rows)
            inserted += await ExecuteAsync(insert, row);
        return inserted;
    }

    /// <summary>Whether there is any row.</summary>
    public ValueTask<bool> AnyAsync(Sql sql, params ReadOnlySpan<object?> values) => OneAsync(sql, static _ => true, values);

    public abstract ValueTask DisposeAsync();

    private static async ValueTask Run(ValueTask<int> statement, bool mustChange)
    {
        if (await statement == 0 && mustChange)
            throw new LostRaceException();
    }
}

/// <summary>What a transaction was to change was changed meanwhile: it is to be read, and decided, again.</summary>
internal sealed class LostRaceException : Exception;
