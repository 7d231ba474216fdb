using Npgsql;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Storage.Postgres;

/// <summary>
/// The database's clock. It is asked every second; in between, this machine's steady counter, which nobody sets, continues its time. So a
/// claim pays nothing for it, and no statement calls a function whose answer changes, which a distributed PostgreSQL refuses. The error is
/// at most half the time that the question took.
/// </summary>
internal sealed class PostgresClock : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _wall;
    private readonly Repeat _asks;
    private volatile Reading _last;

    private PostgresClock(NpgsqlDataSource source, TimeProvider wall, Reading first)
    {
        _source = source;
        _wall = wall;
        _last = first;
        // While the database is away, no job is claimed either; the time goes on.
        _asks = new Repeat(wall, AskAsync, static _ => { });
    }

    public DateTimeOffset Now
    {
        get
        {
            var last = _last;
            return last.Time + _wall.GetElapsedTime(last.At);
        }
    }

    /// <summary>Asks for the first time, then every second.</summary>
    public static async Task<PostgresClock> StartAsync(NpgsqlDataSource source, TimeProvider wall) =>
        new(source, wall, await ReadAsync(source, wall, CancellationToken.None));

    public ValueTask DisposeAsync() => _asks.DisposeAsync();

    private async Task<TimeSpan> AskAsync(CancellationToken stop)
    {
        _last = await ReadAsync(_source, _wall, stop);
        return Every;
    }

    private static async Task<Reading> ReadAsync(NpgsqlDataSource source, TimeProvider wall, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var ask = new NpgsqlCommand("select (extract(epoch from clock_timestamp()) * 1000)::bigint", connection);
        var before = wall.GetTimestamp();
        var time = DateTimeOffset.FromUnixTimeMilliseconds((long)(await ask.ExecuteScalarAsync(stop))!);
        return new Reading(time, before + ((wall.GetTimestamp() - before) / 2));
    }

    /// <summary>The database's time, and the moment of it by this machine's counter.</summary>
    private sealed record Reading(DateTimeOffset Time, long At);
}
