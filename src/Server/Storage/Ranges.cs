namespace Simkeeper.Server.Storage;

/// <summary>
/// Reads the first rows of a list that lies in several ranges, each in the order of the list. A first round reads some rows of every range;
/// a second one reads on in those that may have more for this page. So a page costs a probe for each range and about its own rows,
/// however many rows the ranges have.
/// </summary>
internal static class Ranges
{
    /// <summary>About the most rows that the first round reads.</summary>
    private const int FirstRoundMax = 4096;

    /// <summary>The nearest rows of all ranges, at most <paramref name="limit"/>.</summary>
    /// <param name="sql">Takes the values of a range, then <c>@lower</c>, <c>@upper</c>, what is tested, and <c>@limit</c>.</param>
    /// <param name="ranges">The values of each range, the org first.</param>
    /// <param name="read">Reads a row of the range with this number.</param>
    /// <param name="between">Only rows between these two ids.</param>
    public static async ValueTask<List<T>> FirstAsync<T>(
        Session session, Sql sql, IReadOnlyList<object?[]> ranges, Func<int, Row, T> read, Func<T, Guid> id, bool newer,
        (Guid Lower, Guid Upper) between, int limit, params object?[] tested)
    {
        if (ranges.Count == 0)
            return [];
        if (ranges.Count == 1)
        {
            return await session.ListAsync(
                sql, row => read(0, row), [.. ranges[0], between.Lower, between.Upper, .. tested, limit]);
        }
        var first = Math.Clamp(FirstRoundMax / ranges.Count, 1, limit);
        var (counts, ends) = (new int[ranges.Count], new Guid[ranges.Count]);
        var found = await session.ListEachAsync(
            sql, [.. ranges.Select(range => (object?[])[.. range, between.Lower, between.Upper, .. tested, first])], (range, row) =>
        {
            var item = read(range, row);
            counts[range]++;
            ends[range] = id(item);
            return item;
        });
        Sort();
        // Rows beyond this one are on no account part of the page.
        Guid? bound = found.Count >= limit ? id(found[limit - 1]) : null;
        int[] open = first == limit
            ? []
            : [.. Enumerable.Range(0, ranges.Count)
                .Where(range => counts[range] == first && (bound is not { } last || Compare(ends[range], last) < 0))];
        if (open.Length > 0)
        {
            found.AddRange(await session.ListEachAsync(sql, [.. open.Select(range => (object?[])
            [
                .. ranges[range],
                newer ? ends[range] : bound ?? between.Lower,
                newer ? bound ?? between.Upper : ends[range],
                .. tested, limit,
            ])], (range, row) => read(open[range], row)));
            Sort();
        }
        if (found.Count > limit)
            found.RemoveRange(limit, found.Count - limit);
        return found;

        void Sort() => found.Sort((a, b) => Compare(id(a), id(b)));
        int Compare(Guid a, Guid b) => newer ? a.CompareTo(b) : b.CompareTo(a);
    }
}
