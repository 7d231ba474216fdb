using Simkeeper.Core.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The statements on rate plans.</summary>
internal static class RatePlanSql
{
    private const string Columns = """
        org_id, id, account_id, unique_name, friendly_name, data_enabled, data_metering, data_limit, data_limit_strategy, messaging_enabled,
        voice_enabled, national_roaming_enabled, national_roaming_data_limit, international_roaming, international_roaming_data_limit,
        narrowband, created_at, updated_at
        """;

    /// <summary>Writes nothing when the account has a plan of this name.</summary>
    public static readonly Sql Insert = new($"""
        insert into rate_plans ({Columns}) values (@org_id, @id, @account_id, @unique_name, @friendly_name, @data_enabled, @data_metering,
          @data_limit, @data_limit_strategy, @messaging_enabled, @voice_enabled, @national_roaming_enabled, @national_roaming_data_limit,
          @international_roaming, @international_roaming_data_limit, @narrowband, @created_at, @updated_at)
        on conflict do nothing
        """);

    public static readonly Sql ById = new($"select {Columns} from rate_plans where org_id = @org_id and id = @id");

    public static readonly Sql ByUniqueName = new(
        $"select {Columns} from rate_plans where org_id = @org_id and account_id = @account_id and unique_name = @unique_name");

    /// <summary>
    /// Reads a plan and holds its row until the transaction ends: of giving the plan to a SIM and deleting it, the second sees what the
    /// first did, also where the store runs transactions side by side.
    /// </summary>
    public static readonly Sql Hold = new(
        $"update rate_plans set updated_at = updated_at where org_id = @org_id and id = @id returning {Columns}");

    public static readonly Sql Older = new($"""
        select {Columns} from rate_plans where org_id = @org_id and account_id = @account_id and id < @cursor order by id desc limit @limit
        """);

    public static readonly Sql Newer = new($"""
        select {Columns} from rate_plans where org_id = @org_id and account_id = @account_id and id > @cursor order by id limit @limit
        """);

    public static readonly Sql Rename = new("""
        update rate_plans set unique_name = @unique_name, friendly_name = @friendly_name, updated_at = @now where org_id = @org_id and id = @id
        """);

    public static readonly Sql UniqueNameTaken = new("""
        select 1 from rate_plans where org_id = @org_id and account_id = @account_id and unique_name = @unique_name and id <> @id
        """);

    public static readonly Sql Delete = new("delete from rate_plans where org_id = @org_id and id = @id");

    /// <summary>A SIM that is not canceled has the plan, or gets it when its open operation ends.</summary>
    public static readonly Sql InUse = new("""
        select 1 where exists (select 1 from sims where org_id = @org_id and account_id = @account_id and rate_plan_id = @id
            and status <> 'canceled')
          or exists (select 1 from operations where org_id = @org_id and state = 'open' and changes_plan = 1 and plan_id = @id)
        """);

    /// <summary>The values of a new row, in column order.</summary>
    public static object?[] Values(RatePlan plan) =>
    [
        plan.OrgId, plan.Id, plan.AccountId, plan.UniqueName, plan.FriendlyName, plan.DataEnabled, plan.DataMetering, plan.DataLimit,
        Name(plan.DataLimitStrategy), plan.MessagingEnabled, plan.VoiceEnabled, plan.NationalRoamingEnabled, plan.NationalRoamingDataLimit,
        string.Join(',', plan.InternationalRoaming), plan.InternationalRoamingDataLimit, Name(plan.Narrowband), plan.CreatedAt, plan.UpdatedAt,
    ];

    public static RatePlan Read(Row row) => new()
    {
        OrgId = row.Id(0),
        Id = row.Id(1),
        AccountId = row.Id(2),
        UniqueName = row.TextOrNull(3),
        FriendlyName = row.TextOrNull(4),
        DataEnabled = row.Flag(5),
        DataMetering = row.Text(6),
        DataLimit = (int)row.Number(7),
        DataLimitStrategy = Enum.Parse<DataLimitStrategy>(row.Text(8), ignoreCase: true),
        MessagingEnabled = row.Flag(9),
        VoiceEnabled = row.Flag(10),
        NationalRoamingEnabled = row.Flag(11),
        NationalRoamingDataLimit = (int)row.Number(12),
        InternationalRoaming = row.Text(13).Split(',', StringSplitOptions.RemoveEmptyEntries),
        InternationalRoamingDataLimit = (int)row.Number(14),
        Narrowband = Enum.Parse<NarrowbandPlan>(row.Text(15), ignoreCase: true),
        CreatedAt = row.Time(16),
        UpdatedAt = row.Time(17),
    };

    public static string Name(DataLimitStrategy strategy) => strategy switch
    {
        DataLimitStrategy.Block => "block",
        DataLimitStrategy.Throttle => "throttle",
    };

    public static string Name(NarrowbandPlan narrowband) => narrowband switch
    {
        NarrowbandPlan.None => "none",
        NarrowbandPlan.Annual => "annual",
        NarrowbandPlan.Developer => "developer",
    };
}
