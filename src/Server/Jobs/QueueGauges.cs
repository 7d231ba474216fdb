using System.Diagnostics.Metrics;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Jobs;

/// <summary>Reports by lane the number of due jobs and the age of the oldest. Reads them whenever metrics are sent.</summary>
internal sealed class QueueGauges : IDisposable
{
    /// <summary>The most due jobs counted for one org, lane and budget; where more wait, this number is reported.</summary>
    public const int CountMax = 100_000;

    private readonly Meter _meter = new(Export.QueueMeter);

    public QueueGauges(Database database, SimClock clock)
    {
        _meter.CreateObservableGauge("simkeeper.queue.due", () => Look(database, clock, (count, _) => (double)count), "{job}",
            "Jobs that are due and not done.");
        _meter.CreateObservableGauge("simkeeper.queue.oldest_due", () => Look(database, clock, (_, age) => age.TotalSeconds), "s",
            "For how long the oldest of them has been due. SIM clock.");
        _meter.CreateObservableGauge("simkeeper.queue.failed", () => Failed(database), "{job}",
            "Jobs that have failed, and wait because their subject could not record it.");
    }

    public void Dispose() => _meter.Dispose();

    private static long Failed(Database database) => database.ReadAsync(async session =>
    {
        var failed = 0L;
        foreach (var orgId in await AcrossOrgs.OrgsAsync(session))
            failed += await session.OneAsync(JobSql.CountFailed, row => row.Number(0), orgId, CountMax);
        return failed;
    }).AsTask().GetAwaiter().GetResult();

    private static Measurement<double>[] Look(Database database, SimClock clock, Func<long, TimeSpan, double> value)
    {
        var now = clock.Now;
        // This is the exporter's own thread, which may block.
        return database.ReadAsync(async session =>
        {
            var orgs = await AcrossOrgs.OrgsAsync(session);
            var measured = new List<Measurement<double>>();
            foreach (var lane in Enum.GetValues<Lane>())
            {
                var count = 0L;
                var oldest = now;
                foreach (var orgId in orgs)
                {
                    var (due, first) = await session.OneAsync(
                        JobSql.CountDue, row => (row.Number(0), row.TimeOrNull(1)), orgId, (long)lane, now, CountMax);
                    count += due;
                    oldest = first < oldest ? first.Value : oldest;
                }
                measured.Add(new(value(count, now - oldest), new KeyValuePair<string, object?>("lane", lane.ToWire())));
            }
            return measured.ToArray();
        }).AsTask().GetAwaiter().GetResult();
    }
}
