namespace Simkeeper.Server.Storage;

/// <summary>A page, newest first; it says if the list goes on in either direction.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, bool MoreAfter, bool MoreBefore)
{
    public static readonly Page<T> Empty = new([], false, false);

    /// <summary>
    /// Reads a page by keyset: the items older than <paramref name="after"/>, or right above <paramref name="before"/>, or the newest.
    /// </summary>
    /// <param name="fetch">
    /// Given a cursor, true for newer and false for older items, and a number: returns that many, nearest first.
    /// </param>
    /// <param name="id">The id by which the list is ordered.</param>
    public static async ValueTask<Page<T>> ReadAsync(
        Guid? after, Guid? before, int limit, Func<Guid, bool, int, ValueTask<List<T>>> fetch, Func<T, Guid> id)
    {
        if (limit == 0)
            return Empty;
        var newer = before is not null;
        var cursor = before ?? after ?? Guid.AllBitsSet;
        var items = await fetch(cursor, newer, limit + 1);
        var more = items.Count > limit;
        if (more)
            items.RemoveAt(limit);
        if (newer)
            items.Reverse();
        if (after is null && before is null)
            return new Page<T>(items, more, false);
        var end = items.Count == 0 ? cursor : newer ? id(items[^1]) : id(items[0]);
        var otherWay = items.Count > 0 && (await fetch(end, !newer, 1)).Count > 0;
        return new Page<T>(items, newer ? otherWay : more, newer ? more : otherWay);
    }
}
