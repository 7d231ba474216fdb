using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Which page of a list is wanted.</summary>
internal sealed record Paging : IReadQuery<Paging>
{
    public const int LimitDefault = 50;
    public const int LimitMax = 500;

    /// <summary>The most items of a page.</summary>
    public required int Limit { get; init; }

    /// <summary>The `next` of the page before.</summary>
    public required Guid? After { get; init; }

    public static Paging Read(QueryFields fields) => fields.Paging();
}

/// <summary>A page of a list.</summary>
internal sealed record PageOf<T>
{
    /// <summary>The items of this page: fewer than the limit, even none, where many had to be looked at of which few match.</summary>
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>The `after` of the next page, null on the last.</summary>
    public required string? Next { get; init; }
}

/// <summary>Makes pages of what was found.</summary>
internal static class Pages
{
    /// <param name="found">One more than the limit when there are more.</param>
    public static PageOf<TItem> Of<T, TItem>(IReadOnlyList<T> found, Paging paging, Func<T, Guid> id, Func<T, TItem> answer) => new()
    {
        Items = [.. found.Take(paging.Limit).Select(answer)],
        Next = found.Count > paging.Limit ? id(found[paging.Limit - 1]).ToString("N") : null,
    };

    /// <param name="found">The rows, and the id after which the list goes on.</param>
    public static PageOf<TItem> Of<T, TItem>((List<T> Items, Guid? GoesOn) found, Func<T, TItem> answer) => new()
    {
        Items = [.. found.Items.Select(answer)],
        Next = found.GoesOn?.ToString("N"),
    };

    /// <summary>The same without broken rows: a page that has one is shorter.</summary>
    public static PageOf<TItem> Of<T, TItem>(
        (List<Kept<T>> Items, Guid? GoesOn) found, BrokenRows broken, string table, Func<T, TItem> answer)
        where T : class where TItem : class => new()
        {
            Items = Whole(found.Items, broken, table, answer),
            Next = found.GoesOn?.ToString("N"),
        };

    public static PageOf<TItem> Of<T, TItem>(Page<T> page, Func<T, Guid> id, Func<T, TItem> answer) => new()
    {
        Items = [.. page.Items.Select(answer)],
        Next = page.MoreAfter && page.Items.Count > 0 ? id(page.Items[^1]).ToString("N") : null,
    };

    /// <summary>A page of what was found, without broken rows. They count as items, so the next page begins where this one ends.</summary>
    /// <param name="found">One more than the limit when there are more.</param>
    public static PageOf<TItem> Of<T, TItem>(
        IReadOnlyList<Kept<T>> found, Paging paging, BrokenRows broken, string table, Func<T, TItem> answer)
        where T : class where TItem : class => new()
        {
            Items = Whole(found.Take(paging.Limit), broken, table, answer),
            Next = found.Count > paging.Limit ? found[paging.Limit - 1].Id.ToString("N") : null,
        };

    private static List<TItem> Whole<T, TItem>(IEnumerable<Kept<T>> found, BrokenRows broken, string table, Func<T, TItem> answer)
        where T : class where TItem : class =>
        [.. found.Select(kept => kept.Row is { } row ? broken.Try(table, kept.Id, () => answer(row)) : null).OfType<TItem>()];

    /// <summary>The one page of a list that has no other.</summary>
    public static PageOf<TItem> Only<TItem>(IReadOnlyList<TItem> items) => new() { Items = items, Next = null };
}
