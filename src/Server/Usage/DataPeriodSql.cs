using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>The statements on SIMs' running months.</summary>
internal static class DataPeriodSql
{
    public static readonly Sql Find = DataPeriodTable.Rows.Select("where org_id = @org_id and sim_id = @sim_id");

    public static readonly Sql Insert = DataPeriodTable.Rows.Insert("on conflict (org_id, sim_id) do nothing");

    public static readonly Sql Update = DataPeriodTable.Rows.Update();

    public static readonly Sql Count = new("""
        update data_periods set home = @home, national = @national, international = @international
        where org_id = @org_id and sim_id = @sim_id
        """);

    public static readonly Sql Delete = new("delete from data_periods where org_id = @org_id and sim_id = @sim_id");

    /// <summary>A SIM's use from one hour to another, by place, in the parts of <see cref="Sum.OfParts"/>.</summary>
    public static readonly Sql UsedIn = new($"""
        select roaming, cast(sum(uploaded / {Sum.PartSize}) + sum(downloaded / {Sum.PartSize}) as bigint),
          cast(sum(uploaded % {Sum.PartSize}) + sum(downloaded % {Sum.PartSize}) as bigint) from usage_hours
        where org_id = @org_id and sim_id = @sim_id and hour >= @from and hour < @to group by roaming
        """);

    /// <summary>The limits of a plan.</summary>
    public static readonly Sql LimitOf = new("""
        select data_limit, national_roaming_data_limit, international_roaming_data_limit, data_limit_strategy, data_enabled from rate_plans
        where org_id = @org_id and id = @id
        """);

    public static DataLimit ReadLimit(Row row) =>
        new(row.Number(0), row.Number(1), row.Number(2), RatePlanNames.Strategies.Read(row.Text(3)), row.Flag(4));
}
