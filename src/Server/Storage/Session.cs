namespace Simkeeper.Server.Storage;

/// <summary>
/// One connection in use by one piece of work, with its prepared statements. On SQLite every call completes synchronously, so the same code
/// runs on the writer's thread and, on PostgreSQL, truly asynchronously.
/// </summary>
internal abstract class Session : IAsyncDisposable
{
    /// <summary>Runs a statement and says how many rows it changed.</summary>
    public abstract ValueTask<int> ExecuteAsync(Sql sql, params ReadOnlySpan<object?> values);

    /// <summary>The first row, or default when there is none.</summary>
    public abstract ValueTask<T?> OneAsync<T>(Sql sql, Func<Row, T> read, params ReadOnlySpan<object?> values);

    /// <summary>All rows. Bound the statement by a LIMIT.</summary>
    public abstract ValueTask<List<T>> ListAsync<T>(Sql sql, Func<Row, T> read, params ReadOnlySpan<object?> values);

    /// <summary>Runs a statement whose result nobody needs. It may be sent with the next one, at the latest with the commit.</summary>
    public virtual ValueTask LaterAsync(Sql sql, params ReadOnlySpan<object?> values) => Run(ExecuteAsync(sql, values), mustChange: false);

    /// <summary>
    /// Runs a statement that names the version it changes, at the latest with the commit. If no row has it, the transaction ends.
    /// </summary>
    /// <exception cref="LostRaceException">Another transaction was first. Thrown now, by the next statement, or by the commit.</exception>
    public virtual ValueTask ChangeAsync(Sql sql, params ReadOnlySpan<object?> values) => Run(ExecuteAsync(sql, values), mustChange: true);

    /// <summary>
    /// Makes others wait at the entry of a section until this transaction ends. If another server is inside, this transaction ends.
    /// </summary>
    /// <exception cref="LostRaceException">Another server is inside. Thrown now, by the next statement, or by the commit.</exception>
    public virtual ValueTask StayOutAsync(Section section) => ValueTask.CompletedTask;

    /// <summary>All rows of each of these orgs, org by org, in one round trip. The statement takes <c>@org_id</c> first.</summary>
    public ValueTask<List<T>> ListEachAsync<T>(Sql sql, IReadOnlyList<Guid> orgs, Func<Guid, Row, T> read, params object?[] values) =>
        ListEachAsync(sql, [.. orgs.Select(org => (object?[])[org, .. values])], (i, row) => read(orgs[i], row));

    /// <summary>All rows of a statement for each of these lists of values, list by list, in one round trip.</summary>
    /// <param name="read">Reads a row of the list with this number.</param>
    public virtual async ValueTask<List<T>> ListEachAsync<T>(Sql sql, IReadOnlyList<object?[]> each, Func<int, Row, T> read)
    {
        var rows = new List<T>();
        for (var i = 0; i < each.Count; i++)
        {
            var list = i;
            rows.AddRange(await ListAsync(sql, row => read(list, row), each[i]));
        }
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

    /// <summary>Says if there is any row.</summary>
    public ValueTask<bool> AnyAsync(Sql sql, params ReadOnlySpan<object?> values) => OneAsync(sql, static _ => true, values);

    public abstract ValueTask DisposeAsync();

    private static async ValueTask Run(ValueTask<int> statement, bool mustChange)
    {
        if (await statement == 0 && mustChange)
            throw new LostRaceException();
    }
}

/// <summary>Another transaction has changed a row that this one was to change. The work must read and decide again.</summary>
internal sealed class LostRaceException : Exception;
