using System.Buffers.Binary;

namespace Simkeeper.Server.Storage;

/// <summary>
/// Reads pages of lists for operators: rows of an index that are tested for more than the index knows. One page looks at a bounded number
/// of rows. If too few of them match, the page is short and the list goes on after the last row that was looked at.
/// </summary>
internal static class Walk
{
    /// <summary>
    /// The most rows that one page looks at, of all orgs together; of each org it looks at <see cref="LeastOfRange"/> at least.
    /// </summary>
    public const int RowsMax = 10_000;

    private const int LeastOfRange = 100;

    /// <summary>
    /// The nearest rows that match, at most <paramref name="limit"/>, and the id after which the list goes on; null: it does not.
    /// </summary>
    /// <param name="ranges">The values of each range of the index, the org first.</param>
    /// <param name="between">Only rows between these two ids.</param>
    /// <param name="tests">True if rows are tested at all, else every row matches.</param>
    /// <param name="tested">The values of the test.</param>
    public static async ValueTask<(List<T> Items, Guid? GoesOn)> PageAsync<T>(
        Session session, ListIndex index, IReadOnlyList<object?[]> ranges, Func<Row, T> read, Func<T, Guid> id, bool newer,
        (Guid Lower, Guid Upper) between, int limit, bool tests, params object?[] tested)
    {
        Guid? end = null;
        if (tests)
        {
            var rows = Math.Max(RowsMax / Math.Max(ranges.Count, 1), LeastOfRange);
            var ends = await session.ListEachAsync(index.End(newer),
                [.. ranges.Select(range => (object?[])[.. range, between.Lower, between.Upper, rows])], (_, row) => row.Id(0));
            if (ends.Count > 0)
                end = newer ? ends.Min() : ends.Max();
        }
        if (end is { } first)
            between = newer ? (between.Lower, first) : (first, between.Upper);
        var found = await Ranges.FirstAsync(
            session, index.Rows(newer), ranges, (_, row) => read(row), id, newer, between, limit + 1, tested);
        if (found.Count > limit)
        {
            found.RemoveAt(limit);
            return (found, id(found[^1]));
        }
        // The row at the end has not been looked at: the next page begins with it.
        return (found, end is { } next ? Beside(next, newer ? -1 : 1) : null);
    }

    /// <summary>The id that comes right before (-1) or after (1) this one.</summary>
    public static Guid Beside(Guid id, int step)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var number = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        BinaryPrimitives.WriteUInt128BigEndian(bytes, step < 0 ? number - 1 : number + 1);
        return new Guid(bytes, bigEndian: true);
    }
}
