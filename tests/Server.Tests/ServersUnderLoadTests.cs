using System.Diagnostics;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>
/// Three processes of the real program on one PostgreSQL database, of which one is killed and one stands still for a while.
/// </summary>
[SqliteOnly]
[StartsProgram]
public sealed class ServersUnderLoadTests : IAsyncLifetime
{
    private const int Cards = 6_000;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    /// <summary>A client, or whoever balances the load, gives a server that stands still up after so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The time that a busy machine takes to do what is due; no part of a promise.</summary>
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(10);

    private TestDatabase _database = null!;
    private Receiver _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateEmptyAsync();
        _receiver = await Receiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact(Timeout = 120_000)]
    public async Task One_is_killed_and_one_stands_still_for_longer_than_its_lease_and_nothing_is_lost_or_done_twice()
    {
        using var data = new TestFolder();
        var servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(number => ServerProcess.StartAsync(
            new() { ["Storage:Database"] = _database.ConnectionString, ["Jobs:Lease"] = $"{Lease.TotalSeconds}s" },
            "--data", data.Of($"{number}"))));
        await using var first = servers[0];
        await using var second = servers[1];
        await using var third = servers[2];
        await using var load = await AcknowledgedLoad.StartAsync([.. servers.Select(server => server.Url)], _receiver, Cards, Patience);
        await load.MoreAsync(60);

        await first.KillAsync();
        var afterKill = await TakenOverAsync(load);
        await load.MoreAsync(20);

        await second.SignalAsync("STOP");
        var afterPause = await TakenOverAsync(load);
        await second.SignalAsync("CONT");
        await load.MoreAsync(40);
        await load.StopAsync();

        await load.CheckAsync(third.Url);
        Assert.Equal(["0"], await _database.RowsAsync("""
            select count(*) from sims s left join test_network n on n.org_id = s.org_id and n.sim_id = s.id
            where s.status = 'active' and n.status is distinct from 'active'
            """));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"taken over {afterKill.TotalSeconds:F1} s after the kill, {afterPause.TotalSeconds:F1} s "
            + $"after one stood still; a lease is {Lease.TotalSeconds} s");
    }

    /// <summary>
    /// Waits until all that was acknowledged so far has been done by those that are left, and at least for a lease. Gives how long it took.
    /// </summary>
    private async Task<TimeSpan> TakenOverAsync(AcknowledgedLoad load)
    {
        var since = Stopwatch.StartNew();
        var acknowledged = load.Activated.ToList();
        var heard = TimeSpan.MaxValue;
        await Calls.UntilAsync(() => Task.FromResult(acknowledged.Where(sid => _receiver.CountOf(sid) == 0).ToList()), waiting =>
        {
            if (waiting.Count == 0 && heard == TimeSpan.MaxValue)
                heard = since.Elapsed;
            return waiting.Count == 0 && since.Elapsed > Lease * 1.5;
        });
        Assert.InRange(heard, TimeSpan.Zero, Lease + Busy);
        return heard;
    }
}
