using Npgsql;

namespace Simkeeper.Server.Storage.Postgres;

/// <summary>An advisory lock of a session. It ends with its connection, so a server that dies inside keeps nobody out.</summary>
internal sealed class PostgresSection : IAsyncDisposable
{
    private NpgsqlConnection? _connection;
    private readonly long _key;

    private PostgresSection(NpgsqlConnection connection, long key)
    {
        _connection = connection;
        _key = key;
    }

    /// <summary>Enters, after a wait of any length.</summary>
    /// <param name="waits">Called if another server is inside.</param>
    public static async Task<PostgresSection> EnterAsync(NpgsqlDataSource source, Section section, Action? waits)
    {
        var connection = await source.OpenConnectionAsync();
        try
        {
            await LockAsync(connection, section, waits);
            return new PostgresSection(connection, PostgresDialect.LockKey(section));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Enters for as long as a connection lives.</summary>
    public static async Task LockAsync(NpgsqlConnection connection, Section section, Action? waits)
    {
        var key = PostgresDialect.LockKey(section);
        if (await CallAsync(connection, "pg_try_advisory_lock", key) is true)
            return;
        waits?.Invoke();
        await CallAsync(connection, "pg_advisory_lock", key);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is not { } connection)
            return;
        try
        {
            await CallAsync(connection, "pg_advisory_unlock", _key);
        }
        catch (NpgsqlException)
        {
            // The connection is lost, and the lock with it.
        }
        await connection.DisposeAsync();
    }

    private static async Task<object?> CallAsync(NpgsqlConnection connection, string function, long key)
    {
        await using var command = new NpgsqlCommand($"select {function}({key})", connection) { CommandTimeout = 0 };
        return await command.ExecuteScalarAsync();
    }
}
