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
        OfAccount = Index("sims_list", "account_id"),
        OfShown = Index("sims_shown", "account_id, shown"),
        OfStatus = Index("sims_status", "account_id, status, type"),
        OfProvider = Index("sims_provider", "account_id, provider, status, type"),
        OfUser = Index("sims_user", "account_id, user_id, status, type", "user_id is not null"),
        OfUserAndProvider = Index("sims_user_provider", "account_id, user_id, provider, status, type", "user_id is not null"),
        OfRatePlan = Index("sims_rate_plan", "account_id, rate_plan_id, shown", "rate_plan_id is not null"),
        OfEid = Index("sims_eid", "account_id, eid", "eid is not null"),
        OfRegistrationCode = Index("sims_registration_code", "account_id, registration_code", "registration_code is not null");

    /// <summary>For operators, over all accounts of an org.</summary>
    public static readonly ListIndex
        OfOrg = Index("", ""), OfStatusInOrg = Index("sims_org_status", "status"),
        OfProviderInOrg = Index("sims_org_provider", "provider, status");

    /// <summary>A provider that has SIMs in an account; nothing if it has none.</summary>
    public static readonly Sql ProviderInUse = new($"""
        select provider from sims {Sql.By(OfProvider.Name)}
        where org_id = @org_id and (account_id, provider, status) > (@account_id, @provider, '')
          and (account_id, provider, status) < (@account_id, @provider, 'z')
        order by account_id, provider, status limit 1
        """);

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

    private static ListIndex Index(string name, string by, string condition = "") =>
        new(name, "sims", SimTable.Rows.Columns, by, condition);
}
