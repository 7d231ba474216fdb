using Simkeeper.Core.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>
/// The indexes that list SIMs. Every combination of filters is a number of ranges of one index, in which each row matches all filters
/// (docs/decisions/0013-filters.md).
/// </summary>
internal static class SimListSql
{
    public static readonly ListIndex
        OfAccount = Index("account_id"),
        OfShown = Index("account_id, shown"),
        OfStatus = Index("account_id, status, type"),
        OfProvider = Index("account_id, provider, status, type"),
        OfUser = Index("account_id, user_id, status, type", "user_id is not null"),
        OfUserAndProvider = Index("account_id, user_id, provider, status, type", "user_id is not null"),
        OfRatePlan = Index("account_id, rate_plan_id, shown", "rate_plan_id is not null"),
        OfEid = Index("account_id, eid", "eid is not null"),
        OfRegistrationCode = Index("account_id, registration_code", "registration_code is not null");

    /// <summary>For operators, over all accounts of an org.</summary>
    public static readonly ListIndex
        OfOrg = Index(""), OfStatusInOrg = Index("status"), OfProviderInOrg = Index("provider, status");

    /// <summary>All of them, by the name of the index.</summary>
    public static readonly IReadOnlyDictionary<string, ListIndex> All = new Dictionary<string, ListIndex>
    {
        ["sims_list"] = OfAccount,
        ["sims_shown"] = OfShown,
        ["sims_status"] = OfStatus,
        ["sims_provider"] = OfProvider,
        ["sims_user"] = OfUser,
        ["sims_user_provider"] = OfUserAndProvider,
        ["sims_rate_plan"] = OfRatePlan,
        ["sims_eid"] = OfEid,
        ["sims_registration_code"] = OfRegistrationCode,
        ["sims_pkey"] = OfOrg,
        ["sims_org_status"] = OfStatusInOrg,
        ["sims_org_provider"] = OfProviderInOrg,
    };

    private static readonly object[]
        AnyStatus = [.. Enum.GetValues<SimStatus>().Select(status => status.ToWire())],
        AnyType = [.. Enum.GetValues<SimType>().Select(type => type.ToWire())],
        AnyShown = [.. AnyStatus, .. Enum.GetValues<Progress>().Where(progress => progress != Progress.None)
            .Select(progress => SimStatusNames.Shown(SimStatus.New, progress))];

    /// <summary>The index of a list, and the values of the ranges that it consists of. An ICCID is not looked at.</summary>
    /// <exception cref="NotSupportedException">No API has this combination, and no index either.</exception>
    public static (ListIndex Index, IReadOnlyList<object?[]> Ranges) Plan(SimQuery query, IReadOnlyList<Guid> orgs)
    {
        object?[] statuses = query.Statuses is { } given ? [.. given.Select(status => status.ToWire())] : AnyStatus;
        object?[] types = query.Type is { } type ? [type.ToWire()] : AnyType;
        object?[] shown = query.Shown is { } word ? [word] : AnyShown;
        object?[] providers = [.. query.Providers ?? []];
        var ofOne = query is { Shown: null, RatePlanId: null, Eid: null, RegistrationCode: null };
        var ofOther = query is { Statuses: null, Providers: null, Type: null, User: null };
        (ListIndex Index, object?[][] Values) plan = query switch
        {
            { AccountId: null, Type: null, User: null } when ofOne => query switch
            {
                { Providers: not null } => (OfProviderInOrg, [providers, statuses]),
                { Statuses: not null } => (OfStatusInOrg, [statuses]),
                _ => (OfOrg, []),
            },
            { AccountId: not null } when ofOne => query switch
            {
                { User: not null, Providers: not null } => (OfUserAndProvider, [[query.User], providers, statuses, types]),
                { User: not null } => (OfUser, [[query.User], statuses, types]),
                { Providers: not null } => (OfProvider, [providers, statuses, types]),
                { Statuses: null, Type: null } => (OfAccount, []),
                _ => (OfStatus, [statuses, types]),
            },
            { AccountId: not null } when ofOther => query switch
            {
                { Eid: null, RegistrationCode: null, RatePlanId: not null } => (OfRatePlan, [[query.RatePlanId], shown]),
                { Eid: null, RegistrationCode: null } => (OfShown, [shown]),
                { Eid: not null } => (OfEid, [[query.Eid]]),
                _ => (OfRegistrationCode, [[query.RegistrationCode]]),
            },
            _ => throw new NotSupportedException($"No index lists SIMs by {query}."),
        };
        IEnumerable<object?[]> ranges = orgs.Select(org => query.AccountId is { } account ? [org, account] : (object?[])[org]);
        foreach (var values in plan.Values)
            ranges = ranges.SelectMany(range => values, (range, value) => (object?[])[.. range, value]);
        return (plan.Index, [.. ranges]);
    }

    private static ListIndex Index(string by, string condition = "") => new("sims", SimTable.Rows.Columns, by, condition);
}
