using Npgsql;

namespace Simkeeper.Server.Storage.Postgres;

/// <summary>A session's advisory lock: it goes with its connection, so a server that dies inside keeps nobody out.</summary>
internal sealed class PostgresSection : IAsyncDisposable
{
    private NpgsqlConnection? _connection;
    private readonly long _key;

    private PostgresSection(NpgsqlConnection connection, long key)
    {
        _connection = connection;
        _key = key;
    }

    /// <summary>Waits as long as it takes.</summary>
    public static async Task<PostgresSection> EnterAsync(NpgsqlDataSource source, Section section)
    {
        var connection = await source.OpenConnectionAsync();
        try
        {
            var key = PostgresDialect.LockKey(section);
            await CallAsync(connection, "pg_advisory_lock", key);
            return new PostgresSection(connection, key);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
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
            // The connection is gone, and the lock with it.
        }
        await connection.DisposeAsync();
    }

    private static async Task CallAsync(NpgsqlConnection connection, string function, long key)
    {
        await using var command = new NpgsqlCommand($"select {function}({key})", connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}
