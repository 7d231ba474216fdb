using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Deliveries;

public sealed class ReceiversTests : IAsyncDisposable
{
    private const string Receiver = "https://hooks.example.com";
    private static readonly Guid Org = Guid.CreateVersion7(), OtherOrg = Guid.CreateVersion7();
    private readonly TestFolder _folder = new();
    private readonly SqliteDatabase _database;
    private readonly MovableTime _wall = new();
    private readonly SimClock _clock;
    private readonly JobQueue _jobs;
    private readonly Receivers _receivers;

    public ReceiversTests()
    {
        var settings = new Settings(new ConfigurationBuilder().Build());
        _database = SqliteDatabase.Open(_folder.Path, TimeProvider.System, NullLogger.Instance);
        _clock = new SimClock(_wall);
        _jobs = new JobQueue(_database, _clock, new JobSettings(settings), new Signals(), NullLogger.Instance);
        var (http, messengers) = (new HttpSettings(settings), Senders.Of(settings));
        _receivers = new Receivers(_database, _jobs, _clock,
            new DeliverySettings(settings, new SandboxSettings(settings, http)), messengers);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_receiver_begins_with_a_few_at_once_and_gets_one_more_with_each_answer()
    {
        await PutAsync(Org, Receiver, 200);

        var first = await ClaimAsync();
        Assert.Equal(Receivers.AtOnceFirst, first.Count);
        Assert.Empty(await ClaimAsync());

        End(first, isThere: true);
        var claimed = await ClaimAsync();
        Assert.Equal(Receivers.ClaimAhead * 2 * Receivers.AtOnceFirst, claimed.Count);
        Assert.Equal(2 * Receivers.AtOnceFirst, claimed.Select(_receivers.EnterAsync).ToList().Count(turn => turn.IsCompleted));
    }

    [Fact]
    public async Task Whoever_waits_for_a_turn_gets_it_when_another_was_sent()
    {
        await PutAsync(Org, Receiver, 200);
        var claimed = await ClaimAsync();
        var turns = claimed.Append(claimed[0]).Select(_receivers.EnterAsync).ToList();
        Assert.False(turns[^1].IsCompleted);

        _receivers.Leave(claimed[0]);

        Assert.True(turns[^1].IsCompleted);
    }

    [Fact]
    public async Task Whoever_waits_for_a_receiver_that_goes_away_is_sent_away()
    {
        await PutAsync(Org, Receiver, 200);
        End(await ClaimAsync(), isThere: true);
        var claimed = await ClaimAsync();
        var turns = claimed.Select(_receivers.EnterAsync).ToList();
        var sending = claimed.Zip(turns).Where(pair => pair.Second.IsCompleted).Select(pair => pair.First).ToList();

        foreach (var job in sending.Take(Receivers.BreakAfter))
            _receivers.Heard(job, isThere: false, TimeSpan.Zero);

        Assert.All(turns.Skip(sending.Count), turn => Assert.False(turn.Result));
        Assert.False(await _receivers.EnterAsync(claimed[^1]));
    }

    [Fact]
    public async Task A_slow_receiver_has_no_more_claimed_than_it_is_sent_at_once()
    {
        await PutAsync(Org, Receiver, 200);
        foreach (var job in await ClaimAsync())
        {
            _receivers.Heard(job, isThere: true, Receivers.SlowFrom * 2);
            _receivers.Ended(job);
        }
        Assert.Equal(2 * Receivers.AtOnceFirst, (await ClaimAsync()).Count);
    }

    [Fact]
    public async Task The_end_of_a_delivery_is_worth_a_look_only_when_more_may_be_claimed()
    {
        await PutAsync(Org, Receiver, 500);
        var first = await ClaimAsync();
        Assert.All(first, job => Assert.True(_receivers.Ended(job)));

        End(await ClaimAsync(), isThere: true);
        var claimed = await ClaimAsync();
        var worth = claimed.Select(_receivers.Ended).ToList();

        Assert.Equal(2 * Receivers.AtOnceFirst, worth.IndexOf(true) + 1);
        Assert.DoesNotContain(false, worth.Skip(2 * Receivers.AtOnceFirst));
    }

    [Fact]
    public async Task The_end_of_a_delivery_of_an_org_that_had_all_it_may_is_worth_a_look()
    {
        for (var i = 0; i < 150; i++)
            await PutAsync(Org, $"https://{i}.example.com", 4);
        var claimed = new List<Job>();
        while (await ClaimAsync() is { Count: > 0 } more)
            claimed.AddRange(more);
        Assert.Equal(Receivers.OrgAtOnceMax, claimed.Count);

        Assert.True(_receivers.Ended(claimed[0]));
        Assert.Single(await ClaimAsync());
    }

    [Fact]
    public async Task After_failures_in_a_row_one_at_a_time_is_tried_until_it_answers()
    {
        await PutAsync(Org, Receiver, 200);
        End(await ClaimAsync(), isThere: false);

        var probe = await ClaimAsync();
        Assert.Single(probe);
        Assert.Empty(await ClaimAsync());
        End(probe, isThere: false);
        probe = await ClaimAsync();
        Assert.Single(probe);

        End(probe, isThere: true);
        Assert.Equal(2, (await ClaimAsync()).Count);
    }

    [Fact]
    public async Task Nobody_waits_for_a_receiver_that_is_away_while_the_clock_is_moved()
    {
        await PutAsync(Org, Receiver, 200);
        End(await ClaimAsync(), isThere: false);

        _clock.MoveTo(_clock.Now);

        Assert.Equal(32, (await ClaimAsync()).Count);
    }

    [Fact]
    public async Task One_orgs_trouble_with_a_receiver_is_not_anothers()
    {
        await PutAsync(Org, Receiver, 20);
        await PutAsync(OtherOrg, Receiver, 20);
        End((await ClaimAsync()).Where(job => job.OrgId == Org), isThere: false);

        Assert.Equal([Org], (await ClaimAsync()).Select(job => job.OrgId));
    }

    [Fact]
    public async Task Orgs_take_turns_and_none_has_all_that_is_under_way()
    {
        for (var i = 0; i < 150; i++)
            await PutAsync(Org, $"https://{i}.example.com", 4);
        await PutAsync(OtherOrg, Receiver, 3);

        var claimed = await ClaimAsync();
        Assert.Equal(3, claimed.Count(job => job.OrgId == OtherOrg));

        while (await ClaimAsync() is { Count: > 0 } more)
            claimed.AddRange(more);
        Assert.Equal(Receivers.OrgAtOnceMax, claimed.Count(job => job.OrgId == Org));
        Assert.Null(await _receivers.NextAsync(_clock.Now));
    }

    [Fact]
    public async Task What_was_read_with_the_claim_is_sent_at_once_or_not_at_all()
    {
        await _database.WriteAsync(async session =>
        {
            var account = Guid.CreateVersion7();
            await session.ExecuteAsync(AccountSql.InsertOrg, Org, _clock.Now);
            await session.ExecuteAsync(
                AccountSql.Insert, AccountTable.Rows.Values(new Account(Org, account, null, "Own", "own", [], _clock.Now)));
            for (var i = 0; i < 40; i++)
            {
                await Outbox.PutAsync(session, new Delivery(Org, Guid.CreateVersion7(), account, Guid.Empty, "kore", Delivery.Callback,
                    Receiver + "/hook", "POST", []), _clock.Now);
            }
            return true;
        });
        End(await ClaimAsync(), isThere: true);
        var claimed = await ClaimAsync();

        Assert.All(claimed.Take(16), job => Assert.Equal(job.SubjectId, _receivers.Take(job)?.Delivery.Id));
        _wall.Pass(TimeSpan.FromSeconds(1));
        Assert.NotEmpty(claimed.Skip(16));
        Assert.All(claimed.Skip(16), job => Assert.Null(_receivers.Take(job)));
    }

    private Task<List<Job>> ClaimAsync() => _receivers.ClaimAsync(_clock.Now, Receivers.AtOnceMax);

    private void End(IEnumerable<Job> jobs, bool isThere)
    {
        foreach (var job in jobs.ToList())
        {
            _receivers.Heard(job, isThere, TimeSpan.Zero);
            _receivers.Ended(job);
        }
    }

    private Task<bool> PutAsync(Guid orgId, string receiver, int count) => _database.WriteAsync(async session =>
    {
        if (!await session.AnyAsync(Known, orgId))
            await session.ExecuteAsync(AccountSql.InsertOrg, orgId, _clock.Now);
        for (var i = 0; i < count; i++)
        {
            await JobQueue.PutAsync(
                session, orgId, JobKind.Delivery, Guid.CreateVersion7(), Lane.Deliveries, _clock.Now, _clock.Now, receiver);
        }
        return true;
    });

    private static readonly Server.Storage.Sql Known = new("select 1 from orgs where org_id = @org_id");
}
