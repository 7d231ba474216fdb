namespace Simkeeper.Server.Storage;

/// <summary>A page, newest first, and whether the list goes on in either direction.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, bool MoreAfter, bool MoreBefore)
{
    public static readonly Page<T> Empty = new([], false, false);

    /// <summary>Reads a page by keyset: what is older than <paramref name="after"/>, or right above <paramref name="before"/>, or the newest.</summary>
    /// <param name="fetch">Given a cursor, whether newer or older items are wanted, and how many: those, nearest first.</param>
    /// <param name="id">What the list is ordered by.</param>
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
