using System.Collections.Concurrent;
using System.Security.Cryptography;
using Npgsql;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Storage.Postgres;

/// <summary>
/// Signals by LISTEN and NOTIFY, on a connection each. Signals are gathered for a moment and sent apart from their transactions: a NOTIFY
/// inside a transaction would make commits wait for one another.
/// </summary>
internal sealed class PostgresSignals : Signals
{
    private const string Channel = "simkeeper";
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(20);

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _wall;
    private readonly string _self = RandomNumberGenerator.GetHexString(16);
    private readonly ConcurrentDictionary<string, bool> _toTell = new();
    private readonly Repeat _listens;
    private readonly Repeat _tells;

    public PostgresSignals(NpgsqlDataSource source, TimeProvider wall)
    {
        _source = source;
        _wall = wall;
        // The store may be away: servers find what changed meanwhile by their own looks.
        _listens = new Repeat(wall, ListenAsync, static _ => { });
        _tells = new Repeat(wall, TellAsync, static _ => { });
    }

    public override void Tell(string word)
    {
        if (_toTell.TryAdd(word, true))
            _tells.Wake();
    }

    public override async ValueTask DisposeAsync()
    {
        await _listens.DisposeAsync();
        await _tells.DisposeAsync();
        await base.DisposeAsync();
    }

    private async Task<TimeSpan> ListenAsync(CancellationToken stop)
    {
        await using var connection = await _source.OpenConnectionAsync(stop);
        connection.Notification += (_, told) =>
        {
            var parts = told.Payload.Split(' ', 2);
            if (parts.Length == 2 && parts[0] != _self)
                Hear(parts[1]);
        };
        await using (var listen = new NpgsqlCommand("listen " + Channel, connection))
            await listen.ExecuteNonQueryAsync(stop);
        Hear(Installation);
        while (true)
            await connection.WaitAsync(stop);
    }

    private async Task<TimeSpan> TellAsync(CancellationToken stop)
    {
        foreach (var word in _toTell.Keys)
        {
            _toTell.TryRemove(word, out _);
            // It is only a signal: its commit need not wait for the disk.
            await using var tell = _source.CreateCommand("select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)");
            tell.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Channel });
            tell.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{_self} {word}" });
            await tell.ExecuteNonQueryAsync(stop);
        }
        await Task.Delay(Gather, _wall, stop);
        return Timeout.InfiniteTimeSpan;
    }
}
