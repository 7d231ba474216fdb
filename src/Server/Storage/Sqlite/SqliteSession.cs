using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Simkeeper.Server.Storage.Sqlite;

/// <summary>
/// A connection whose statements run by SQLite's own calls: the driver's commands and readers would cost more than most statements do.
/// </summary>
internal sealed class SqliteSession : Session
{
    /// <summary>The steps of SQLite's machine between two looks if anybody still waits: well below a millisecond.</summary>
    private const int StepsBetweenLooks = 1000;

    /// <summary>The statements between two such looks: many short ones take no steps enough.</summary>
    private const int StatementsBetweenLooks = 16;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<Sql, SqliteStatement> _prepared = [];
    private int _statements;

    /// <param name="endsEarly">True: what runs ends once nobody waits for it any longer.</param>
    public SqliteSession(SqliteConnection connection, bool endsEarly = false)
    {
        _connection = connection;
        if (endsEarly)
        {
            raw.sqlite3_progress_handler(connection.Handle!, StepsBetweenLooks,
                static session => ((SqliteSession)session).Patience is { IsOver: true } ? 1 : 0, this);
        }
    }

    /// <summary>Of the request that uses it now.</summary>
    public Patience? Patience { get; set; }

    /// <summary>Runs a statement and says how many rows it changed.</summary>
    public int Execute(Sql sql, params ReadOnlySpan<object?> values)
    {
        using var run = Start(sql, values);
        while (run.Statement.Step())
        {
            // A statement that changes rows returns none.
        }
        return run.Statement.Changes;
    }

    public override ValueTask<int> ExecuteAsync(Sql sql, params ReadOnlySpan<object?> values) => new(Execute(sql, values));

    public override ValueTask<T?> OneAsync<T>(Sql sql, Func<Row, T> read, params ReadOnlySpan<object?> values)
        where T : default
    {
        using var run = Start(sql, values);
        return new(run.Statement.Step() ? read(run.Statement) : default);
    }

    public override ValueTask<List<T>> ListAsync<T>(Sql sql, Func<Row, T> read, params ReadOnlySpan<object?> values)
    {
        using var run = Start(sql, values);
        var rows = new List<T>();
        while (run.Statement.Step())
            rows.Add(read(run.Statement));
        return new(rows);
    }

    public override ValueTask DisposeAsync()
    {
        foreach (var statement in _prepared.Values)
            statement.Dispose();
        return _connection.DisposeAsync();
    }

    private Run Start(Sql sql, ReadOnlySpan<object?> values)
    {
        if (values.Length != sql.Parameters.Count)
            throw new ArgumentException($"{sql.Parameters.Count} values expected, {values.Length} given: {sql.Text}");
        if (!_prepared.TryGetValue(sql, out var statement))
            _prepared.Add(sql, statement = new SqliteStatement(_connection.Handle!, sql));
        if (Patience is not null && ++_statements % StatementsBetweenLooks == 0)
            Patience.Check();
        for (var i = 0; i < values.Length; i++)
            statement.Bind(i, values[i]);
        return new Run(statement);
    }

    /// <summary>Ends a started statement in every case: while it is open it holds a snapshot of the store.</summary>
    private readonly ref struct Run(SqliteStatement statement)
    {
        public SqliteStatement Statement => statement;

        public void Dispose() => statement.Reset();
    }
}
