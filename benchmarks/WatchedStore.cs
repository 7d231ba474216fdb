using Microsoft.Data.Sqlite;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Jobs;

namespace Simkeeper.Bench;

/// <summary>A running server's store, seen through a connection that only reads.</summary>
internal sealed class WatchedStore : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>A measurement that takes longer has gone wrong.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly SqliteConnection _connection;

    public WatchedStore(string folder)
    {
        var file = Path.Combine(folder, "simkeeper.db");
        _connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        _connection.Open();
    }

    public long TimersDue(DateTimeOffset by) => Number($"select count(*) from {TimersDueBy(by)}");

    /// <summary>Operations that have not ended.</summary>
    public long OpenOperations() => Number("select count(*) from orgs o join operations p on p.org_id = o.org_id and p.state = 'open'");

    /// <summary>Commands that are on their way.</summary>
    public long OpenCommands() =>
        Number("select count(*) from orgs o join commands c on c.org_id = o.org_id and c.status in ('queued', 'sent')");

    public long PendingDeliveries() =>
        Number("select count(*) from orgs o join deliveries d on d.org_id = o.org_id and d.state = 'pending'");

    /// <summary>Deliveries that are to be sent yet, without those to some receivers.</summary>
    public long PendingDeliveriesExcept(params string[] hosts) => Number(
        "select count(*) from orgs o join deliveries d on d.org_id = o.org_id and d.state = 'pending' where true"
        + string.Concat(hosts.Select(host => $" and d.url not like 'http://{host}:%'")));

    public Task NoTimerDueAsync(DateTimeOffset by) => NoneAsync(TimersDueBy(by));

    public Task NoDeliveryLeftAsync() => NoneAsync($"orgs o join jobs j on j.org_id = o.org_id and j.lane = {(long)Lane.Deliveries}");

    private async Task NoneAsync(string rows)
    {
        var last = DateTimeOffset.UtcNow + Longest;
        // One look into the index, so that looking takes nothing from the server.
        while (Number($"select exists (select 1 from {rows})") != 0)
        {
            if (DateTimeOffset.UtcNow > last)
                throw new InvalidOperationException($"{Number($"select count(*) from {rows}")} were left after {Longest}.");
            await Task.Delay(LookEvery);
        }
    }

    /// <summary>Refuses a measurement in which the work was not done.</summary>
    public void Expect(SimStatus status, int least)
    {
        if (Number($"select count(*) from sims where status = '{status.ToWire()}'") is var count && count < least)
            throw new InvalidOperationException($"{least} SIMs ought to be {status.ToWire()}, {count} are.");
    }

    public void Dispose() => _connection.Dispose();

    private static string TimersDueBy(DateTimeOffset by) => $"""
        orgs o join jobs j on j.org_id = o.org_id and j.lane = {(long)Lane.Timers} and j.budget = ''
          and j.due_at <= {by.ToUnixTimeMilliseconds()}
        """;

    private long Number(string text)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = text;
        return (long)command.ExecuteScalar()!;
    }
}
