using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>The tables of what SIMs used by hour and by second, and that of their accounts by hour.</summary>
internal static class UsageHourTable
{
    public static readonly Table<UsageHour> OfSims = new(
        "usage_hours", (column, row) => Map(column, row, "hour"), new(default, default, default, default, None),
        "org_id, sim_id, hour, account_id, roaming");

    /// <summary>By the second: <see cref="UsageHour.Hour"/> is where that begins.</summary>
    public static readonly Table<UsageHour> Seconds = new(
        "usage_seconds", (column, row) => Map(column, row, "at"), new(default, default, default, default, None),
        "org_id, sim_id, at, account_id, roaming");

    public static readonly Table<AccountUsageHour> OfAccounts = new(
        "account_usage_hours", Map, new(default, default, default, default, None), "org_id, account_id, hour, roaming, stripe");

    private static UsageCount None => new("", 0, 0, 0, 0);

    private static UsageHour Map(Columns column, UsageHour row, string time) => new(
        column.Id("org_id", row.OrgId),
        column.Id("sim_id", row.SimId),
        column.Number(time, row.Hour),
        column.Id("account_id", row.AccountId),
        Map(column, row.Count));

    private static AccountUsageHour Map(Columns column, AccountUsageHour row) => new(
        column.Id("org_id", row.OrgId),
        column.Id("account_id", row.AccountId),
        column.Number("hour", row.Hour),
        column.Number("stripe", row.Stripe),
        Map(column, row.Count));

    private static UsageCount Map(Columns column, UsageCount count) => new(
        column.Text("roaming", count.Roaming),
        column.Number("uploaded", count.Uploaded),
        column.Number("downloaded", count.Downloaded),
        column.Number("from_sim", count.FromSim),
        column.Number("to_sim", count.ToSim));
}
