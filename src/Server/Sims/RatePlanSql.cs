using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The statements on rate plans.</summary>
internal static class RatePlanSql
{
    /// <summary>Writes nothing when the account has a plan of this name.</summary>
    public static readonly Sql Insert = RatePlanTable.Rows.Insert("on conflict do nothing");

    public static readonly Sql ById = RatePlanTable.Rows.Select("where org_id = @org_id and id = @id");

    public static readonly Sql ByUniqueName = RatePlanTable.Rows.Select(
        "where org_id = @org_id and account_id = @account_id and unique_name = @unique_name");

    /// <summary>
    /// Reads a plan and holds its row until the transaction ends: of giving the plan to a SIM and deleting it, the second sees what the
    /// first did, also where the store runs transactions side by side.
    /// </summary>
    public static readonly Sql Hold = new(
        $"update rate_plans set updated_at = updated_at where org_id = @org_id and id = @id returning {RatePlanTable.Rows.Columns}");

    /// <summary>The plans of an account; for operators: of an org.</summary>
    public static readonly ListIndex
        OfAccount = new("rate_plans_account", "rate_plans", RatePlanTable.Rows.Columns, "account_id"),
        OfOrg = new("", "rate_plans", RatePlanTable.Rows.Columns, "");

    /// <summary>Changes a plan's names.</summary>
    public static readonly Sql Rename = RatePlanTable.Rows.Update();

    public static readonly Sql UniqueNameTaken = new("""
        select 1 from rate_plans where org_id = @org_id and account_id = @account_id and unique_name = @unique_name and id <> @id
        """);

    public static readonly Sql Delete = new("delete from rate_plans where org_id = @org_id and id = @id");

    /// <summary>
    /// A SIM that is not canceled has the plan, or gets it when its open operation ends. Every other shown status is probed for: a million
    /// SIMs may be canceled.
    /// </summary>
    public static readonly Sql InUse = new("""
        select 1 where exists (select 1 from sims where org_id = @org_id and account_id = @account_id and rate_plan_id = @id
            and shown in ('new', 'ready', 'active', 'suspended', 'deactivated', 'updating', 'scheduled') and status <> 'canceled')
          or exists (select 1 from operations where org_id = @org_id and state = 'open' and changes_plan = 1 and plan_id = @id)
        """);
}
