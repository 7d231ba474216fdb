using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operations;

/// <summary>The statement that reads what a call for an operation needs beside the operation and its SIM.</summary>
internal static class AccessSql
{
    /// <summary>Reads the time of the account's suspension, the services of the plan, and the restriction of the SIM's data.</summary>
    public static readonly Sql ForCall = new("""
        select a.suspended_after, r.data_enabled, r.messaging_enabled, r.voice_enabled, p.wanted
        from accounts a
        left join rate_plans r on r.org_id = a.org_id and r.id = @plan_id
        left join data_periods p on p.org_id = a.org_id and p.sim_id = @sim_id
        where a.org_id = @org_id and a.id = @account_id
        """);

    /// <returns>The id before which opened operations end; the plan's services; the restriction wanted.</returns>
    public static (Guid? SuspendedAfter, PlanServices? Plan, DataRestriction Restriction) Read(Row row) => (
        row.IdOrNull(0),
        row.NumberOrNull(1) is { } data ? new PlanServices(data != 0, row.Flag(2), row.Flag(3)) : null,
        row.TextOrNull(4) is { } wanted ? DataRestriction.Parse(wanted) : DataRestriction.Open);
}
