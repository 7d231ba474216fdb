using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Sqlite;

namespace Simkeeper.Bench;

/// <summary>
/// The floor of every write: prepared statements on the server's own schema, driver and pragmas, and nothing else. Values are made
/// before the clock starts, in the form the driver takes.
/// </summary>
internal sealed class BareStore : IAsyncDisposable
{
    /// <summary>Rows in one transaction, as in an import.</summary>
    private const int BatchMax = 500;

    private readonly Dictionary<Sql, SqliteCommand> _prepared = [];
    private readonly SqliteConnection _connection;
    private readonly SqliteWriter _emptier;
    private readonly SqliteCheckpoints _checkpoints;
    private readonly SqliteCommand _directory, _sim, _event, _timer, _load, _update, _patch, _timerDone, _numberFreed;

    private BareStore(string folder)
    {
        var file = Path.Combine(folder, "simkeeper.db");
        _connection = Connect(file);
        Run("pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 0");
        _directory = Prepare(DirectorySql.Insert);
        _sim = Prepare(SimSql.Insert);
        _event = Prepare(EventSql.Insert);
        _timer = Prepare(JobSql.Put);
        _load = Prepare(SimSql.ById);
        _update = Prepare(SimSql.Update);
        _patch = Prepare(SimSql.UpdateUnlisted);
        _timerDone = Prepare(JobSql.Delete);
        _numberFreed = Prepare(DirectorySql.Delete);
        _emptier = new SqliteWriter(new SqliteSession(Connect(file)), static () => false);
        _checkpoints = new SqliteCheckpoints(
            Connect(file), _emptier, file + "-wal", SqliteCheckpoints.LogBytesMax, TimeProvider.System, NullLogger.Instance);
    }

    /// <summary>Opens a store; a new folder gets the schema.</summary>
    public static async Task<BareStore> OpenAsync(string folder)
    {
        await SqliteDatabase.Open(folder, TimeProvider.System, NullLogger.Instance).DisposeAsync();
        return new BareStore(folder);
    }

    /// <summary>All rows of a new SIM.</summary>
    public static BareRow RowOf(Sim sim) => new(
        [
            Bound("iccid", sim.Iccid, sim.OrgId, sim.Id), Bound("imsi", sim.Imsi, sim.OrgId, sim.Id),
            Bound("msisdn", sim.Msisdn, sim.OrgId, sim.Id),
        ],
        Bound(SimTable.Rows.Values(sim)),
        Bound(Inventory.CreatedEvent(sim)),
        Lifecycle.TimerFor(sim) is { } due ? Bound(sim.OrgId, "timer", sim.Id, (long)Lane.Timers, "", due, sim.UpdatedAt) : null);

    public static object[] Bound(params object?[] values) => [.. values.Select(value => value switch
    {
        null => DBNull.Value,
        Guid id => id.ToByteArray(bigEndian: true),
        DateTimeOffset time => time.ToUnixTimeMilliseconds(),
        bool flag => flag ? 1L : 0L,
        int number => (long)number,
        _ => value,
    })];

    public void Insert(IEnumerable<BareRow> rows)
    {
        foreach (var batch in rows.Chunk(BatchMax))
        {
            Run("begin immediate");
            foreach (var row in batch)
            {
                foreach (var entry in row.Directory)
                    Execute(_directory, entry);
                Execute(_sim, row.Sim);
                Execute(_event, row.Event);
                if (row.Timer is not null)
                    Execute(_timer, row.Timer);
            }
            Run("commit");
        }
    }

    /// <summary>Writes as a PATCH does: the SIM's row, in the version it was read with, and the event.</summary>
    public void Patch(object[] sim, object[] @event) => Update(_patch, sim, @event);

    /// <summary>Reads and writes as the timer of a deactivated SIM does.</summary>
    public void Cancel(BareCancellation row)
    {
        Bind(_load, row.Sim);
        using (var reader = _load.ExecuteReader())
        {
            if (!reader.Read())
                throw new InvalidOperationException("The SIM to cancel is not there.");
        }
        Update(_update, row.Updated, row.Event);
        Execute(_timerDone, row.Timer);
        foreach (var number in row.Numbers)
            Execute(_numberFreed, number);
    }

    private void Update(SqliteCommand update, object[] sim, object[] @event)
    {
        if (Execute(update, sim) != 1)
            throw new InvalidOperationException("The SIM to update is not there.");
        Execute(_event, @event);
    }

    /// <summary>Writes what each item needs, so many items to a commit.</summary>
    public void Write<T>(IEnumerable<T> items, int itemsOfCommit, Action<T> write)
    {
        foreach (var batch in items.Chunk(itemsOfCommit))
        {
            Run("begin immediate");
            foreach (var item in batch)
                write(item);
            Run("commit");
        }
    }

    /// <summary>Runs a statement, prepared when it was first used.</summary>
    public int Execute(Sql sql, object[] values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
            _prepared.Add(sql, command = Prepare(sql));
        return Execute(command, values);
    }

    public SqliteCommand Command(string text)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        return command;
    }

    public async ValueTask DisposeAsync()
    {
        await _checkpoints.DisposeAsync();
        await _emptier.DisposeAsync();
        // The next process opens a database without a log to recover.
        Run("pragma wal_checkpoint(truncate)");
        await _connection.DisposeAsync();
    }

    private void Run(string text)
    {
        using var command = Command(text);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(Sql sql)
    {
        var command = Command(sql.Text);
        foreach (var name in sql.Parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    private static int Execute(SqliteCommand command, object[] values)
    {
        Bind(command, values);
        return command.ExecuteNonQuery();
    }

    private static void Bind(SqliteCommand command, object[] values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
    }

    private static SqliteConnection Connect(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}

/// <summary>The rows of one SIM, as values in the order of the statements' parameters.</summary>
internal sealed record BareRow(object[][] Directory, object[] Sim, object[] Event, object[]? Timer);

/// <summary>Carries the values of the writes that end a deactivated SIM.</summary>
internal sealed record BareCancellation(object[] Sim, object[] Updated, object[] Event, object[] Timer, object[][] Numbers)
{
    public static BareCancellation Of(Sim sim)
    {
        var now = DateTimeOffset.UtcNow;
        var canceled = sim with { Status = SimStatus.Canceled, StatusSince = now, UpdatedAt = now };
        return new BareCancellation(
            BareStore.Bound(sim.OrgId, sim.Id),
            BareStore.Bound(SimTable.Rows.UpdateValues(canceled)),
            BareStore.Bound(Inventory.ChangedEvent(sim, EventTypes.Updated, Actor.System, Inventory.EventData(sim, canceled))),
            BareStore.Bound(sim.OrgId, "timer", sim.Id),
            [BareStore.Bound("imsi", sim.Imsi), BareStore.Bound("msisdn", sim.Msisdn)]);
    }
}
