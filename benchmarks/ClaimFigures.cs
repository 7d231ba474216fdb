using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Sqlite;

namespace Simkeeper.Bench;

/// <summary>Claiming due jobs in a queue with ten million others that are not due must not take longer than with a few.</summary>
internal static class ClaimFigures
{
    private const int Few = 10_000;
    private const int Many = 10_000_000;

    /// <summary>Due jobs in one claim.</summary>
    public const int Claimed = 64;

    /// <summary>Claims in one measurement.</summary>
    private const int Claims = 101;

    private static readonly TimeSpan Parked = TimeSpan.FromDays(90);
    private static readonly Guid Org = Inventory.NewId();

    public static async Task<Figure> RunAsync(Setup setup)
    {
        await using var few = await OpenAsync(Path.Combine(setup.Scratch, "claim-few"), Few);
        await using var many = await OpenAsync(Path.Combine(setup.Scratch, "claim-many"), Many);
        var rounds = await Rounds.RunAsync(() => MedianAsync(many, Org), () => MedianAsync(few, Org));
        return Figure.AtMost($"claim of {Claimed} due jobs: p50 beside {Many:N0} parked timers ÷ beside {Few:N0}", 1.5, "",
            rounds.Ratio(0, 1), $"{rounds.Of(0):N0} µs", $"{rounds.Of(1):N0} µs");
    }

    private static async Task<SqliteDatabase> OpenAsync(string folder, int parked)
    {
        await using (var empty = SqliteDatabase.Open(folder, TimeProvider.System, NullLogger.Instance))
            await empty.WriteAsync(session => session.ExecuteAsync(AccountSql.InsertOrg, Org, DateTimeOffset.UtcNow));
        Park(Path.Combine(folder, "simkeeper.db"), parked);
        return SqliteDatabase.Open(folder, TimeProvider.System, NullLogger.Instance);
    }

    /// <summary>
    /// Nobody needs this store if it does not come to its end, so it is written without a log, and in the order of the keys.
    /// </summary>
    private static void Park(string file, int count)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            pragma journal_mode = off;
            pragma synchronous = off;
            insert into jobs (org_id, kind, subject_id, lane, budget, due_at)
            with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < {count})
            select @org_id, 'timer', randomblob(16) as subject_id, {(long)Lane.Timers}, '', @due_at from numbers order by subject_id;
            """;
        command.Parameters.AddWithValue("@org_id", BareStore.Bound(Org)[0]);
        command.Parameters.AddWithValue("@due_at", BareStore.Bound(DateTimeOffset.UtcNow + Parked)[0]);
        command.ExecuteNonQuery();
    }

    /// <summary>Microseconds.</summary>
    public static async Task<double> MedianAsync(Database database, Guid org)
    {
        var settings = new JobSettings(new Settings(new ConfigurationBuilder().Build()));
        var queue = new JobQueue(database, new SimClock(TimeProvider.System), settings, new Signals(), NullLogger.Instance);
        var took = new List<double>(Claims);
        for (var claim = 0; claim < Claims; claim++)
        {
            var now = DateTimeOffset.UtcNow;
            var subjects = Enumerable.Range(0, Claimed).Select(_ => Inventory.NewId()).ToList();
            await database.WriteAsync(async session =>
            {
                foreach (var subject in subjects)
                    await JobQueue.PutAsync(session, org, JobKind.Timer, subject, Lane.Timers, now, now);
                return true;
            });
            var watch = Stopwatch.StartNew();
            var jobs = await queue.ClaimAsync(Lane.Timers, "", now, Claimed);
            took.Add(watch.Elapsed.TotalMicroseconds);
            if (jobs.Count != Claimed)
                throw new InvalidOperationException($"{Claimed} jobs were due, {jobs.Count} were claimed.");
            await database.WriteAsync(async session =>
            {
                foreach (var subject in subjects)
                    await JobQueue.DeleteAsync(session, org, JobKind.Timer, subject);
                return true;
            });
        }
        return took.Order().ElementAt(Claims / 2);
    }
}
