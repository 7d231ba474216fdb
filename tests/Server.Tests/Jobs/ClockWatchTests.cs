using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Jobs;

[SqliteOnly]
public sealed class ClockWatchTests
{
    private static readonly Sql DueAt = new("select due_at from jobs where org_id = @org_id");

    [Fact]
    public async Task The_look_after_the_start_is_made_again_if_the_store_was_away()
    {
        using var folder = new TestFolder();
        await using var database = new CutOff(SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance));
        await using var signals = new Signals();
        var clock = new SimClock(TimeProvider.System);
        var queue = new JobQueue(database, clock, new JobSettings(new Settings(new ConfigurationBuilder().Build())),
            signals, NullLogger.Instance);
        var org = Guid.CreateVersion7();
        var ahead = clock.Now.AddDays(400);
        await database.WriteAsync(async session =>
        {
            await session.ExecuteAsync(AccountSql.InsertOrg, org, clock.Now);
            await JobQueue.PutAsync(session, org, JobKind.Timer, Guid.CreateVersion7(), Lane.Timers, ahead, ahead);
        });
        await using var watch = new ClockWatch(clock, queue, NullLogger.Instance);

        database.IsAway = true;
        watch.Start();
        await Calls.UntilAsync(() => Task.FromResult(database.Refused), refused => refused > 0);
        database.IsAway = false;

        await Calls.UntilAsync(
            () => database.ReadAsync(session => session.OneAsync(DueAt, row => row.Time(0), org)).AsTask(), due => due <= clock.Now);
    }
}
