using System.Diagnostics.Metrics;
using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Jobs;

/// <summary>Reports how much is kept and how old it is. Reads whenever metrics are sent, and never counts rows.</summary>
internal sealed class KeptGauges : IDisposable
{
    private readonly Meter _meter = new(Export.QueueMeter);

    public KeptGauges(Database database, SimClock clock)
    {
        _meter.CreateObservableGauge("simkeeper.kept.oldest", () => Ages(database, clock), "s",
            "The age of the oldest row, by table. SIM clock; idempotency keys by the wall clock.");
        _meter.CreateObservableGauge("simkeeper.kept.size", () => Sizes(database, 1), "By",
            "Bytes of the store, by table where the store knows them.");
        _meter.CreateObservableGauge("simkeeper.kept.rows", () => Sizes(database, 2), "{row}",
            "Rows by table, as the store last counted them; the embedded store does not.");
    }

    public void Dispose() => _meter.Dispose();

    private static List<Measurement<double>> Ages(Database database, SimClock clock)
    {
        // This is the exporter's own thread, which may block.
        var oldest = database.ReadAsync(session => session.ListAsync(KeptSql.Oldest, row => (DateTimeOffset?[])
        [
            .. KeptSql.Tables.Select((_, i) => row.IdOrNull(i) is { } id ? Ids.CreatedAt(id) : (DateTimeOffset?)null),
            row.TimeOrNull(KeptSql.Tables.Count), row.TimeOrNull(KeptSql.Tables.Count + 1),
        ])).AsTask().GetAwaiter().GetResult();
        var ages = new List<Measurement<double>>();
        foreach (var (i, table) in KeptSql.Tables.Append("idempotency").Append("sim_moves").Index())
        {
            var now = table == "idempotency" ? clock.Below : clock.Now;
            var age = oldest.Min(ofOrg => ofOrg[i]) is { } first ? Math.Max(0, (now - first).TotalSeconds) : 0;
            ages.Add(new(age, new KeyValuePair<string, object?>("table", table)));
        }
        return ages;
    }

    private static List<Measurement<double>> Sizes(Database database, int column) =>
        database.ReadAsync(session => session.ListAsync(
                KeptSql.SizesOf(database), row => (Table: row.Text(0), Size: row.NumberOrNull(column))))
            .AsTask().GetAwaiter().GetResult()
            .Where(size => size.Size is not null)
            .Select(size => new Measurement<double>(size.Size!.Value, new KeyValuePair<string, object?>("table", size.Table))).ToList();
}
