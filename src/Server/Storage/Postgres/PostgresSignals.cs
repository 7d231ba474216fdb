using System.Collections.Concurrent;
using System.Security.Cryptography;
using Npgsql;

namespace Simkeeper.Server.Storage.Postgres;

/// <summary>
/// LISTEN and NOTIFY on a connection each. Words are gathered for a moment and sent apart from the transactions they tell of: a NOTIFY
/// inside them would make their commits wait for one another.
/// </summary>
internal sealed class PostgresSignals : Signals
{
    private const string Channel = "simkeeper";
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _wall;
    private readonly string _self = RandomNumberGenerator.GetHexString(16);
    private readonly ConcurrentDictionary<string, bool> _toTell = new();
    private readonly SemaphoreSlim _told = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loops;

    public PostgresSignals(NpgsqlDataSource source, TimeProvider wall)
    {
        _source = source;
        _wall = wall;
        _loops = Task.WhenAll(Task.Run(() => KeepAsync(ListenAsync)), Task.Run(() => KeepAsync(TellAsync)));
    }

    public override void Tell(string word)
    {
        if (_toTell.TryAdd(word, true))
            _told.Release();
    }

    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loops;
        _stop.Dispose();
        _told.Dispose();
        await base.DisposeAsync();
    }

    private async Task KeepAsync(Func<Task> loop)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await loop();
            }
            catch (Exception)
            {
                // The server stops, or the store is away: what is said meanwhile is found by the others' own looks.
                await Task.Delay(Retry, _wall, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task ListenAsync()
    {
        await using var connection = await _source.OpenConnectionAsync(_stop.Token);
        connection.Notification += (_, told) =>
        {
            var parts = told.Payload.Split(' ', 2);
            if (parts.Length == 2 && parts[0] != _self)
                Hear(parts[1]);
        };
        await using (var listen = new NpgsqlCommand("listen " + Channel, connection))
            await listen.ExecuteNonQueryAsync(_stop.Token);
        Hear(Installation);
        while (true)
            await connection.WaitAsync(_stop.Token);
    }

    private async Task TellAsync()
    {
        while (true)
        {
            await _told.WaitAsync(_stop.Token);
            foreach (var word in _toTell.Keys)
            {
                _toTell.TryRemove(word, out _);
                // It is only word: its commit need not wait for the disk.
                await using var tell = _source.CreateCommand("select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)");
                tell.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Channel });
                tell.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{_self} {word}" });
                await tell.ExecuteNonQueryAsync(_stop.Token);
            }
            await Task.Delay(Gather, _wall, _stop.Token);
        }
    }
}
