using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>Lists SIMs by keyset, at the same cost at any depth and with any filters.</summary>
internal static class ListSims
{
    /// <summary>The most providers that one list can ask for.</summary>
    public const int ProvidersMax = 50;

    /// <summary>The most providers that are read without a look if the account has SIMs of them.</summary>
    private const int ProvidersUnlooked = 4;

    /// <summary>
    /// The most SIMs of one EID or one registration code that are looked through for those that match other filters too. Both name a
    /// device, which has a few profiles.
    /// </summary>
    public const int LookedThroughMax = 1000;

    /// <summary>A page of SIMs, newest first; or an error if the filters would look through too many.</summary>
    public static async ValueTask<Result<Page<Sim>>> RunAsync(Session session, BrokenRows broken, SimQuery query)
    {
        if (query.Iccid is not null)
            return await PageAsync(query, await OfIccidAsync(session, query));
        if (query is { OrgId: { } owner, AccountId: { } account, Providers.Count: > ProvidersUnlooked })
        {
            // Each is twelve ranges; one look says if they are empty.
            var inUse = await session.ListEachAsync(SimListSql.ProviderInUse,
                [.. query.Providers.Select(provider => (object?[])[owner, account, provider])], (_, row) => row.Text(0));
            query = query with { Providers = inUse };
        }
        var (index, ranges) = SimListSql.Plan(query, query.OrgId is { } org ? [org] : await AcrossOrgs.OrgsAsync(session));
        if (query is { Eid: not null } or { RegistrationCode: not null }
            && new object?[] { query.Eid, query.RegistrationCode, query.Shown, query.RatePlanId }.Count(filter => filter is not null) > 1)
        {
            var all = await FetchAsync(session, broken, index, ranges, (Guid.AllBitsSet, false, LookedThroughMax + 1));
            return all.Count > LookedThroughMax
                ? new Error(ErrorCode.InvalidValue, $"More than {LookedThroughMax} SIMs have this "
                    + $"{(query.Eid is null ? "registration code" : "EID")}. Leave the other filters out.")
                : await PageAsync(query, [.. all.Select(kept => kept.Row).OfType<Sim>()]);
        }
        if (ranges.Count == 0)
            return Page<Sim>.Empty;
        if (ranges.Count == 1)
        {
            var whole = await Page<Kept<Sim>>.ReadAsync(query.After, query.Before, query.Limit,
                (cursor, newer, limit) => FetchAsync(session, broken, index, ranges, (cursor, newer, limit)), kept => kept.Id);
            return new Page<Sim>([.. whole.Items.Select(kept => kept.Row).OfType<Sim>()], whole.MoreAfter, whole.MoreBefore);
        }
        var page = await Page<(Guid OrgId, Guid Id)>.ReadAsync(query.After, query.Before, query.Limit, (cursor, newer, limit) =>
            Ranges.FirstAsync(session, index.Ids(newer), ranges, (range, row) => ((Guid)ranges[range][0]!, row.Id(0)), sim => sim.Item2,
                newer, Beyond(cursor, newer), limit), sim => sim.Id);
        var sims = await OfIdsAsync(session, broken, page.Items);
        // What has changed since its id was read is left out: a list shows nothing that it was not asked for.
        return new Page<Sim>([.. page.Items.Select(item => sims.GetValueOrDefault(item.Id)).OfType<Sim>().Where(query.Matches)],
            page.MoreAfter, page.MoreBefore);
    }

    private static ValueTask<List<Kept<Sim>>> FetchAsync(
        Session session, BrokenRows broken, ListIndex index, IReadOnlyList<object?[]> ranges,
        (Guid Cursor, bool Newer, int Limit) wanted)
    {
        var read = broken.Of(SimTable.Rows.Name, SimTable.Rows.Read);
        return Ranges.FirstAsync(session, index.Rows(wanted.Newer), ranges, (_, row) => read(row), kept => kept.Id,
            wanted.Newer, Beyond(wanted.Cursor, wanted.Newer), wanted.Limit);
    }

    /// <summary>The page of a list that has been read whole, newest first.</summary>
    private static ValueTask<Page<Sim>> PageAsync(SimQuery query, List<Sim> all) =>
        Page<Sim>.ReadAsync(query.After, query.Before, query.Limit, (cursor, newer, limit) =>
        {
            var matching = all.Where(query.Matches).Where(sim => newer ? sim.Id.CompareTo(cursor) > 0 : sim.Id.CompareTo(cursor) < 0);
            return ValueTask.FromResult<List<Sim>>([.. (newer ? matching.Reverse() : matching).Take(limit)]);
        }, sim => sim.Id);

    private static async ValueTask<List<Sim>> OfIccidAsync(Session session, SimQuery query)
    {
        var found = await session.OneAsync(DirectorySql.Find, DirectoryTable.Rows.Read, "iccid", query.Iccid);
        return found != default && (query.OrgId is null || found.OrgId == query.OrgId)
            && await session.OneAsync(SimSql.ById, SimTable.Rows.Read, found.OrgId, found.Target) is { } sim ? [sim] : [];
    }

    private static async ValueTask<Dictionary<Guid, Sim>> OfIdsAsync(
        Session session, BrokenRows broken, IReadOnlyList<(Guid OrgId, Guid Id)> wanted)
    {
        var read = broken.Of(SimTable.Rows.Name, SimTable.Rows.Read);
        // The last id of a chunk is repeated until the chunk is full.
        var chunks = wanted.GroupBy(sim => sim.OrgId, sim => sim.Id).SelectMany(org => org.Chunk(SimSql.ByIdsMax), (org, ids) =>
            (object?[])[org.Key, .. Enumerable.Range(0, SimSql.ByIdsMax).Select(i => (object?)ids[Math.Min(i, ids.Length - 1)])]);
        var sims = await session.ListEachAsync(SimSql.ByIds, [.. chunks], (_, row) => read(row));
        return sims.Where(kept => kept.Row is not null).ToDictionary(kept => kept.Id, kept => kept.Row!);
    }

    private static (Guid Lower, Guid Upper) Beyond(Guid cursor, bool newer) =>
        newer ? (cursor, Guid.AllBitsSet) : (Guid.Empty, cursor);
}
