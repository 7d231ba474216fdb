using Simkeeper.Core.Usage;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>
/// Usage that is older than <c>Usage:Retention</c>. It has no index by age, which every report would have to keep: the SIMs and accounts
/// that have any are walked through instead, a few at each look, and then again.
/// </summary>
internal sealed class OldUsage(SimClock clock, UsageSettings settings) : IOldRows
{
    /// <summary>The most SIMs, accounts and orgs that one look passes: a million SIMs take less than a day and a half.</summary>
    public const int PassMax = 500;

    private readonly Dictionary<Guid, List<(Guid Id, bool IsSim)>> _old = [];

    /// <summary>The org that the last look ended in, and the last SIM and account that it passed there.</summary>
    private (Guid Org, Guid Sim, Guid Account) _passed;

    private DateTimeOffset Before => clock.Now - settings.Retention;

    /// <summary>Removes what is old of a SIM.</summary>
    public static async ValueTask RemoveOfSimAsync(Session session, Guid orgId, Guid simId, DateTimeOffset before)
    {
        var (beforeId, beforeHour) = (DataSession.FirstIdOf(before), UsageDeltas.HourOf(before.ToUnixTimeMilliseconds()));
        await session.ExecuteAsync(UsageSql.DropMarks, orgId, simId, beforeId, before);
        await session.ExecuteAsync(UsageSql.DropSessions, orgId, simId, beforeId, before);
        await session.ExecuteAsync(UsageSql.DropHours, orgId, simId, beforeHour);
        await session.ExecuteAsync(UsageSql.DropSeconds, orgId, simId, beforeHour);
    }

    /// <summary>Removes the old sums of an account.</summary>
    public static async ValueTask RemoveOfAccountAsync(Session session, Guid orgId, Guid accountId, DateTimeOffset before) =>
        await session.ExecuteAsync(
            UsageSql.DropAccountHours, orgId, accountId, UsageDeltas.HourOf(before.ToUnixTimeMilliseconds()));

    public async ValueTask<List<Guid>> OrgsAsync(Session session)
    {
        _old.Clear();
        var orgs = await AcrossOrgs.OrgsAsync(session);
        var left = PassMax;
        foreach (var orgId in orgs.OrderBy(org => org.CompareTo(_passed.Org) < 0).ThenBy(org => org).ToList())
        {
            if (orgId != _passed.Org)
                _passed = (orgId, Guid.Empty, Guid.Empty);
            left = await PassAsync(session, left - 1);
            if (left <= 0)
                return [.. _old.Keys];
        }
        _passed = default;
        return [.. _old.Keys];
    }

    public async ValueTask<bool> RemoveAsync(Session session, Guid orgId)
    {
        foreach (var (id, isSim) in _old[orgId])
            await (isSim ? RemoveOfSimAsync(session, orgId, id, Before) : RemoveOfAccountAsync(session, orgId, id, Before));
        // The rest is passed at the next look.
        return false;
    }

    /// <summary>Walks on in the org. Gives how many more may be passed; 0: there may be more to pass.</summary>
    private async ValueTask<int> PassAsync(Session session, int left)
    {
        var orgId = _passed.Org;
        var before = UsageDeltas.HourOf(Before.ToUnixTimeMilliseconds());
        for (; left > 0 && await NextAsync(session, OldUsageSql.NextSim, orgId, _passed.Sim) is var (id, hour); left--)
        {
            _passed.Sim = id;
            if (hour < before)
                Note(orgId, id, isSim: true);
        }
        for (; left > 0 && await NextAsync(session, OldUsageSql.NextAccount, orgId, _passed.Account) is var (id, hour); left--)
        {
            _passed.Account = id;
            if (hour < before)
                Note(orgId, id, isSim: false);
        }
        return left;
    }

    private static ValueTask<(Guid Id, long Hour)?> NextAsync(Session session, Sql next, Guid orgId, Guid after) =>
        session.OneAsync(next, static row => ((Guid, long)?)(row.Id(0), row.Number(1)), orgId, after);

    private void Note(Guid orgId, Guid id, bool isSim)
    {
        if (!_old.TryGetValue(orgId, out var old))
            _old.Add(orgId, old = []);
        old.Add((id, isSim));
    }
}
