namespace Simkeeper.Server.Storage;

/// <summary>Reads rows of every org: those of each by its own index, then merged. Every statement still names one org.</summary>
internal static class AcrossOrgs
{
    private static readonly Sql
        Orgs = new("select org_id from orgs"), Any = new("select 1 from orgs limit 1");

    /// <summary>Says if there is any org.</summary>
    public static ValueTask<bool> AnyAsync(Session session) => session.AnyAsync(Any);

    /// <summary>Every org.</summary>
    public static ValueTask<List<Guid>> OrgsAsync(Session session) => session.ListAsync(Orgs, static row => row.Id(0));

    /// <summary>For each org a range of an index, with these values in the columns after the org.</summary>
    public static async ValueTask<IReadOnlyList<object?[]>> RangesAsync(Session session, params object?[] values) =>
        [.. (await OrgsAsync(session)).Select(org => (object?[])[org, .. values])];

    /// <summary>The oldest rows of all orgs, at most <paramref name="limit"/>.</summary>
    /// <param name="sql">Takes <c>@org_id</c> first; its last parameter is <c>@limit</c>.</param>
    public static async ValueTask<List<T>> OldestAsync<T>(
        Session session, Sql sql, Func<Row, T> read, Func<T, Guid> id, int limit, params object?[] values)
    {
        var found = await session.ListEachAsync(sql, await OrgsAsync(session), (_, row) => read(row), [.. values, limit]);
        return [.. found.OrderBy(id).Take(limit)];
    }
}
