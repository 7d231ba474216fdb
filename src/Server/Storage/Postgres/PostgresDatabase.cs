using System.Collections.Concurrent;
using Npgsql;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Storage.Postgres;

/// <summary>
/// PostgreSQL 15 or newer, shared by any number of servers. Transactions are READ COMMITTED: every update names the version it read, so
/// a lost race is seen as no row changed (docs/decisions/0008-postgresql.md).
/// </summary>
internal sealed class PostgresDatabase : Database
{
    public const int VersionMin = 150_000;

    /// <summary>The most runs of a transaction when others are in its way.</summary>
    public const int TriesMax = 6;

    /// <summary>
    /// Defaults that the connection string may override. A server that stands still inside a transaction (a paused process) loses it, and
    /// with it the locks that others wait for. Never cancel: PostgreSQL reports a cancelled synchronous commit as success. JIT is off: the
    /// planner overestimates the search for due work in a young table, and compiling it would take seconds every time. No settings of a
    /// session are changed, so none are reset between two uses of a connection. Sorting is off too: where an index has the order, the
    /// planner takes that one, whatever it believes of the rows; where none has, it sorts all the same.
    /// </summary>
    private const string Defaults = "Application Name=simkeeper;Timeout=1;Command Timeout=2;Cancellation Timeout=-1;Keepalive=5;"
        + "Host Recheck Seconds=1;Maximum Pool Size=64;No Reset On Close=true;Max Auto Prepare=200;Auto Prepare Min Usages=2;"
        + "Options=-c idle_in_transaction_session_timeout=5000" + Planner + ";";

    /// <summary>The planner's settings, as options of a connection.</summary>
    public const string Planner = " -c jit=off -c enable_sort=off -c enable_incremental_sort=off";

    /// <summary>Connections of the pool that reads leave to writes.</summary>
    private const int WritersMin = 4;

    private readonly NpgsqlDataSource _source, _probe;
    private readonly ReaderTurns _turns;
    private readonly TimeProvider _wall;
    private readonly Action? _waits;
    private readonly ConcurrentDictionary<Sql, PostgresStatement> _statements = new();
    private PostgresClock? _clock;

    private PostgresDatabase(NpgsqlConnectionStringBuilder settings, TimeProvider wall, Action? waits)
    {
        _source = Source(settings);
        _probe = Source(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { MaxPoolSize = 1, MinPoolSize = 0 });
        _turns = new ReaderTurns(Math.Max(1, settings.MaxPoolSize - WritersMin));
        _wall = wall;
        _waits = waits;
    }

    public override bool IsShared => true;

    /// <summary>The database's own clock.</summary>
    public override DateTimeOffset Time(TimeProvider wall) => _clock!.Now;

    /// <summary>Connects and brings the schema up to date.</summary>
    /// <param name="waits">Called when it has to wait for another server that starts on the database, or for a copy to it.</param>
    /// <exception cref="StartException">The database cannot be reached, or cannot be used.</exception>
    public static async Task<PostgresDatabase> OpenAsync(string connectionString, TimeProvider wall, Action? waits = null)
    {
        NpgsqlConnectionStringBuilder settings;
        PostgresDatabase database;
        try
        {
            settings = Settings(Defaults + connectionString);
            database = new PostgresDatabase(settings, wall, waits);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new StartException(
                "Storage:Database is no PostgreSQL connection string such as Host=db;Database=simkeeper;Username=simkeeper;Password=…",
                wrongUse: true);
        }
        try
        {
            await using (await database.EnterAsync(Section.Start))
            {
                // A migration of a large store, and its commit, may take any time.
                settings.CommandTimeout = 0;
                await using var patient = Source(settings);
                await using var connection = await patient.OpenConnectionAsync();
                await CheckAsync(connection);
                Migrator.Run(connection, PostgresDialect.Schema, wall.GetUtcNow());
            }
            database._clock = await PostgresClock.StartAsync(database._source, wall);
            return database;
        }
        catch (StoreAwayException e)
        {
            await database.DisposeAsync();
            throw new StartException($"PostgreSQL cannot be reached: {e.InnerException!.Message}", e) { IsAway = true };
        }
        catch (NpgsqlException e)
        {
            await database.DisposeAsync();
            throw new StartException($"PostgreSQL refuses: {e.Message}", e) { IsAway = PostgresErrors.IsAway(e) };
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes a connection string: of several hosts, the one that takes writes is used.</summary>
    public static NpgsqlConnectionStringBuilder Settings(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.Host?.Contains(',') == true)
            settings.TargetSessionAttributes ??= "primary";
        return settings;
    }

    /// <summary>
    /// Makes connections with the parts of the driver in use: TLS, Kerberos and arrays. Its other types would make the program larger.
    /// </summary>
    public static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder settings) =>
        new NpgsqlSlimDataSourceBuilder(settings.ConnectionString)
        .EnableTransportSecurity().EnableIntegratedSecurity().EnableArrays().EnableExtraConversions().Build();

    /// <summary>Signals to and from the other servers.</summary>
    public Signals Signals() => new PostgresSignals(_source, _wall);

    public override async ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work)
    {
        var patience = Patience.Current;
        var org = ReaderTurns.OrgOf(patience);
        await _turns.TakeAsync(org, patience);
        try
        {
            return await ReadAsync(work, patience);
        }
        finally
        {
            _turns.Return(org);
        }
    }

    public override async ValueTask<bool> AnswersAsync()
    {
        try
        {
            await using var session = new PostgresSession(await _probe.OpenConnectionAsync(), _statements, writes: false);
            return await AcrossOrgs.AnyAsync(session);
        }
        catch (NpgsqlException e) when (PostgresErrors.IsAway(e))
        {
            throw new StoreAwayException(e);
        }
    }

    public override async Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work)
    {
        var patience = Patience.Current;
        for (var attempt = 1; ; attempt++)
        {
            var committing = false;
            try
            {
                patience?.Check();
                await using var session = new PostgresSession(
                    await _source.OpenConnectionAsync(patience?.Gone ?? CancellationToken.None), _statements, writes: true);
                var result = await work(session);
                committing = true;
                await session.CommitAsync();
                return result;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DivisionByZero)
            {
                throw new LostRaceException();
            }
            catch (PostgresException e) when (PostgresErrors.IsRace(e) && attempt < TriesMax)
            {
                // Another transaction was first: the work runs again, and finds what that one wrote.
            }
            catch (NpgsqlException e) when (PostgresErrors.IsAway(e))
            {
                if (committing || attempt > 1 || PostgresErrors.IsTimeout(e))
                    throw new StoreAwayException(e);
            }
        }
    }

    public override async Task<IAsyncDisposable> EnterAsync(Section section)
    {
        try
        {
            return await PostgresSection.EnterAsync(_source, section, section == Section.Start ? _waits : null);
        }
        catch (NpgsqlException e) when (PostgresErrors.IsAway(e))
        {
            throw new StoreAwayException(e);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_clock is not null)
            await _clock.DisposeAsync();
        await _probe.DisposeAsync();
        await _source.DisposeAsync();
    }

    private async ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work, Patience? patience)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                patience?.Check();
                await using var session = new PostgresSession(
                    await _source.OpenConnectionAsync(patience?.Gone ?? CancellationToken.None), _statements, writes: false, patience);
                return await work(session);
            }
            catch (NpgsqlException e) when (PostgresErrors.IsAway(e))
            {
                patience?.Check();
                // A pooled connection may have outlived its server: a new one is tried, once.
                if (attempt > 1 || PostgresErrors.IsTimeout(e))
                    throw new StoreAwayException(e);
            }
        }
    }

    private static async Task CheckAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("""
            select current_setting('server_version_num')::int, current_setting('server_encoding'), current_setting('synchronous_commit')
            """, connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        if (reader.GetInt32(0) < VersionMin)
            throw new StartException("Simkeeper needs PostgreSQL 15 or newer.");
        if (reader.GetString(1) != "UTF8")
            throw new StartException($"The database has the encoding {reader.GetString(1)}; create it with encoding UTF8.");
        if (reader.GetString(2) == "off")
            throw new StartException("synchronous_commit is off: an answer would be given before its change is durable. Set it to on.");
    }
}
