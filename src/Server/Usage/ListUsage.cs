using System.Buffers.Binary;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>The length of the periods that usage is summed over.</summary>
internal enum Granularity
{
    All,
    Daily,
    Hourly,
}

/// <summary>Whose usage, when, and which page of its periods.</summary>
/// <param name="SimId">Null: of all SIMs that the account owned at the time.</param>
/// <param name="Start">A full second.</param>
/// <param name="End">A full second, not part of it.</param>
/// <param name="EndsNow">It ends with the running second: all of the running hour's use counts.</param>
internal sealed record UsageQuery(
    Guid OrgId, Guid AccountId, Guid? SimId, DateTimeOffset Start, DateTimeOffset End, bool EndsNow,
    Granularity Granularity, Guid? After, Guid? Before, int Limit);

/// <summary>The use in one period, for each place with any use.</summary>
/// <param name="Key">Sorts as the period does; the page token.</param>
internal sealed record UsageRecord(Guid Key, DateTimeOffset Start, DateTimeOffset End, IReadOnlyList<UsageCount> Counts);

/// <summary>
/// Usage by period, newest first; a period without use is there with zeros, so that the periods cover the range without gaps. They
/// follow from the range alone, and only the sums of those on the page are read.
/// </summary>
internal static class ListUsage
{
    public static async ValueTask<Page<UsageRecord>> RunAsync(Session session, UsageQuery query)
    {
        var periods = new Periods(query);
        var page = await Page<long>.ReadAsync(query.After, query.Before, query.Limit,
            (cursor, newer, count) => ValueTask.FromResult(periods.From(MillisecondsOf(cursor), newer, count)), KeyOf);
        if (page.Items.Count == 0)
            return Page<UsageRecord>.Empty;
        var first = periods.Of(page.Items[^1]);
        var last = periods.Of(page.Items[0]);
        var counts = await CountsAsync(session, query, periods.Step, first.Start.ToUnixTimeMilliseconds(),
            query.EndsNow && last.End == query.End
                ? Ceiling(last.End.ToUnixTimeMilliseconds())
                : last.End.ToUnixTimeMilliseconds());
        var byStart = counts.GroupBy(row => (row.Start, row.Count.Roaming))
            .ToLookup(sum => sum.Key.Start, sum => sum.Select(row => row.Count).Aggregate((all, count) => all.Plus(count)));
        var records = page.Items.Select(period =>
            new UsageRecord(KeyOf(period), periods.Of(period).Start, periods.Of(period).End, [.. byStart[period]]));
        return new Page<UsageRecord>([.. records], page.MoreAfter, page.MoreBefore);
    }

    /// <summary>The use from one second to another: whole hours by their sums, the parts of hours at both ends by seconds.</summary>
    private static async ValueTask<List<(long Start, UsageCount Count)>> CountsAsync(
        Session session, UsageQuery query, long step, long from, long to)
    {
        var (firstWhole, lastWhole) = (Ceiling(from), UsageDeltas.HourOf(to));
        var counts = firstWhole < lastWhole ? await HoursAsync(session, query, step, firstWhole, lastWhole) : [];
        var hour = UsageDeltas.HourOf(from);
        if (hour < from && from < to)
            counts.AddRange(await PartAsync(session, query, step, hour, from, Math.Min(to, firstWhole)));
        if (lastWhole < to && lastWhole >= firstWhole)
            counts.AddRange(await PartAsync(session, query, step, lastWhole, lastWhole, to));
        return counts;
    }

    private static ValueTask<List<(long Start, UsageCount Count)>> HoursAsync(
        Session session, UsageQuery query, long step, long from, long to) =>
        session.ListAsync(query.SimId is null ? UsageSql.OfAccount : UsageSql.OfSim,
            row => (Start: row.Number(0) * step, Count: UsageSql.ReadCount(row, row.Text(1), 2)),
            query.SimId is { } sim
                ? [step, query.OrgId, sim, query.AccountId, from, to]
                : [step, query.OrgId, query.AccountId, from, to]);

    /// <summary>
    /// The use in a part of an hour. Use that is known by the hour only, from an earlier version, counts as of the hour's first second.
    /// </summary>
    private static async ValueTask<List<(long Start, UsageCount Count)>> PartAsync(
        Session session, UsageQuery query, long step, long hour, long from, long to)
    {
        var next = hour + UsageDeltas.HourMilliseconds;
        var seconds = await session.ListAsync(query.SimId is null ? UsageSql.SecondsOfAccount : UsageSql.SecondsOfSim,
            row => (
                Within: UsageSql.ReadCount(row, row.Text(0), 1), Known: UsageSql.ReadCount(row, row.Text(0), 1 + UsageSql.CountColumns)),
            query.SimId is { } sim
                ? [from, to, query.OrgId, sim, query.AccountId, hour, next]
                : [from, to, query.OrgId, query.AccountId, hour, next]);
        var counts = seconds.Select(second => second.Within).ToList();
        if (from == hour)
        {
            counts.AddRange((await HoursAsync(session, query, step, hour, next)).Select(whole => whole.Count));
            counts.AddRange(seconds.Select(second => new UsageCount(second.Known.Roaming, 0, 0, 0, 0).Minus(second.Known)));
        }
        return [.. counts.Select(count => (hour - (hour % step), count))];
    }

    private static long Ceiling(long milliseconds) => UsageDeltas.HourOf(milliseconds + UsageDeltas.HourMilliseconds - 1);

    private static Guid KeyOf(long milliseconds)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, milliseconds);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The place that a page goes on from; without a cursor it begins after all there is.</summary>
    private static long MillisecondsOf(Guid key) =>
        key == Guid.AllBitsSet ? long.MaxValue : BinaryPrimitives.ReadInt64BigEndian(key.ToByteArray(bigEndian: true));

    /// <summary>The periods of a range, each named by where it would begin if the range did not cut it.</summary>
    private sealed class Periods(UsageQuery query)
    {
        public long Step { get; } = query.Granularity switch
        {
            Granularity.Hourly => UsageDeltas.HourMilliseconds,
            Granularity.Daily => 24 * UsageDeltas.HourMilliseconds,
            Granularity.All => long.MaxValue,
        };

        private readonly long _start = query.Start.ToUnixTimeMilliseconds();
        private readonly long _end = query.End.ToUnixTimeMilliseconds();

        public (DateTimeOffset Start, DateTimeOffset End) Of(long period) => query.Granularity == Granularity.All
            ? (query.Start, query.End)
            : (DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(_start, period)),
                DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(_end, period + Step)));

        /// <summary>Periods older than the cursor, or newer, nearest first.</summary>
        public List<long> From(long cursor, bool newer, int count)
        {
            var periods = new List<long>();
            if (query.Granularity == Granularity.All)
            {
                if (newer ? cursor < 0 : cursor > 0)
                    periods.Add(0);
                return periods;
            }
            var first = Floor(_start);
            var last = Floor(_end - 1);
            cursor = Math.Clamp(cursor, 0, _end);
            var next = newer ? Math.Max(first, Floor(cursor) + Step) : Math.Min(last, Floor(cursor - 1));
            for (; periods.Count < count && next >= first && next <= last; next += newer ? Step : -Step)
                periods.Add(next);
            return periods;
        }

        private long Floor(long milliseconds) => milliseconds - (((milliseconds % Step) + Step) % Step);
    }
}
