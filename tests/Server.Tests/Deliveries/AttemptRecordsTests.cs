using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Deliveries;

public sealed class AttemptRecordsTests : IAsyncDisposable
{
    private static readonly Guid Org = Guid.CreateVersion7();
    private static readonly Server.Storage.Sql States = new("select state from deliveries where org_id = @org_id order by id");
    private static readonly Server.Storage.Sql Recorded = new("select number from attempts where org_id = @org_id");
    private static readonly Server.Storage.Sql Jobs = new("select subject_id from jobs where org_id = @org_id");
    private readonly TestFolder _folder = new();
    private readonly SimClock _clock = new(TimeProvider.System);
    private readonly SqliteDatabase _database;
    private readonly AttemptRecords _records;

    public AttemptRecordsTests()
    {
        var settings = new Settings(new ConfigurationBuilder().Build());
        _database = SqliteDatabase.Open(_folder.Path, TimeProvider.System, NullLogger.Instance);
        _records = new AttemptRecords(_database, Senders.Of(settings), _clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _records.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Attempts_that_end_together_are_all_recorded()
    {
        var deliveries = await PutAsync(2 * AttemptRecords.TogetherMax);

        Assert.All(await RecordAsync(deliveries), Assert.True);

        Assert.All(await ReadAsync(States), state => Assert.Equal("delivered", state));
        Assert.Equal(deliveries.Count, (await ReadAsync(Recorded)).Count);
        Assert.Empty(await ReadAsync(Jobs));
    }

    [Fact]
    public async Task One_that_was_recorded_before_takes_no_other_with_it()
    {
        var deliveries = await PutAsync(3);
        Assert.True(await _records.RecordAsync(Delivered(deliveries[1])));

        var recorded = await RecordAsync(deliveries);

        Assert.Equal([true, false, true], recorded);
        Assert.All(await ReadAsync(States), state => Assert.Equal("delivered", state));
        Assert.Equal(3, (await ReadAsync(Recorded)).Count);
    }

    [Fact]
    public async Task One_that_cannot_be_recorded_takes_no_other_with_it()
    {
        var deliveries = await PutAsync(3);
        using var writing = new ManualResetEventSlim();
        var busy = _database.WriteAsync(session => Wait(session, writing));
        var records = deliveries.ConvertAll(delivery => _records.RecordAsync(
            delivery == deliveries[1] ? new Attempted(Outgoing(delivery), Ended(), (DeliveryState)99, default) : Delivered(delivery)));

        writing.Set();

        await busy;
        Assert.True(await records[0]);
        await Assert.ThrowsAnyAsync<Exception>(() => records[1]);
        Assert.True(await records[2]);
        var states = await ReadAsync(States);
        Assert.Equal(["delivered", "pending", "delivered"], states);
    }

    /// <summary>While the store is busy with something else, so that they go together.</summary>
    private async Task<bool[]> RecordAsync(List<Delivery> deliveries)
    {
        using var writing = new ManualResetEventSlim();
        var busy = _database.WriteAsync(session => Wait(session, writing));
        var records = deliveries.ConvertAll(delivery => _records.RecordAsync(Delivered(delivery)));
        writing.Set();
        await busy;
        return await Task.WhenAll(records);
    }

    private static ValueTask<bool> Wait(Server.Storage.Session session, ManualResetEventSlim until)
    {
        until.Wait(TestContext.Current.CancellationToken);
        return ValueTask.FromResult(true);
    }

    private Attempted Delivered(Delivery delivery) => new(Outgoing(delivery), Ended(), DeliveryState.Delivered, default);

    private DeliveryAttempt Ended() => new(1, _clock.Now, 200, 1, "", null);

    private static Outgoing Outgoing(Delivery delivery) => new(delivery, delivery.Url, null);

    private Task<List<Delivery>> PutAsync(int count) => _database.WriteAsync(async session =>
    {
        var deliveries = new List<Delivery>();
        for (var i = 0; i < count; i++)
        {
            var delivery = new Delivery(Org, Guid.CreateVersion7(_clock.Now.AddMilliseconds(i)), Guid.Empty, Guid.Empty,
                "kore", Delivery.Callback, "https://hooks.example.com/", "POST", []);
            await Outbox.PutAsync(session, delivery, _clock.Now);
            deliveries.Add(delivery);
        }
        return deliveries;
    });

    private ValueTask<List<string>> ReadAsync(Server.Storage.Sql sql) =>
        _database.ReadAsync(session => session.ListAsync(sql, row => row.Text(0), Org));
}
