using Npgsql;

namespace Simkeeper.Server.Storage.Postgres;

/// <summary>A session's advisory lock: it goes with its connection, so a server that dies inside keeps nobody out.</summary>
internal sealed class PostgresSection : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
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
            var entered = new PostgresSection(connection, PostgresDialect.LockKey(section));
            await entered.CallAsync("pg_advisory_lock");
            return entered;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await CallAsync("pg_advisory_unlock");
        }
        catch (NpgsqlException)
        {
            // The connection is gone, and the lock with it.
        }
        await _connection.DisposeAsync();
    }

    private async Task CallAsync(string function)
    {
        await using var command = new NpgsqlCommand($"select {function}({_key})", _connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}
