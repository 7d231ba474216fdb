using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Simkeeper.Server.Hosting;

/// <summary>The measurements of a running server. They cost next to nothing while nobody listens. No tag ever holds a secret.</summary>
internal static class Measured
{
    /// <summary>The name of the meter and of the source of traces.</summary>
    public const string Name = "simkeeper";

    public static readonly Meter Meter = new(Name);

    public static readonly ActivitySource Traces = new(Name);

    private static readonly Counter<long> Deliveries = Meter.CreateCounter<long>(
        "simkeeper.delivery.attempts", "{attempt}", "Attempts to deliver, by kind and by what became of the delivery.");

    private static readonly Histogram<double> CarrierCalls = Meter.CreateHistogram<double>(
        "simkeeper.carrier.call.duration", "s", "The time that carriers take to answer, by carrier and answer.");

    private static readonly Histogram<int> Commits = Meter.CreateHistogram<int>(
        "simkeeper.store.commit.size", "{transaction}", "Transactions made durable by one commit.");

    private static readonly Counter<long> FailedJobs = Meter.CreateCounter<long>(
        "simkeeper.job.failures", "{job}", "Jobs whose work broke off unexpectedly, by kind.");

    /// <summary>The work of a job broke off unexpectedly.</summary>
    public static void JobFailed(string kind) => FailedJobs.Add(1, new KeyValuePair<string, object?>("kind", kind));

    /// <summary>One attempt ended.</summary>
    /// <param name="kind"><c>callback</c> or <c>webhook</c>.</param>
    /// <param name="state">The delivery's state after it: <c>delivered</c>, <c>pending</c> or <c>dead</c>.</param>
    public static void Delivery(string kind, string state) =>
        Deliveries.Add(1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("state", state));

    /// <summary>A carrier answered.</summary>
    /// <param name="answer">The kind of the answer; <c>Failed</c> when there was none.</param>
    public static void CarrierCall(string carrier, string answer, TimeSpan took) => CarrierCalls.Record(
        took.TotalSeconds, new KeyValuePair<string, object?>("carrier", carrier), new KeyValuePair<string, object?>("answer", answer));

    /// <summary>A commit made this many transactions durable.</summary>
    public static void Commit(int transactions) => Commits.Record(transactions);
}
