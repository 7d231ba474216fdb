using System.Text;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Sims;

/// <summary>
/// The statements that list SIMs: every combination of filters is a union of branches that each read one index in the order of the list,
/// with a limit of its own.
/// </summary>
internal static class SimListSql
{
    /// <summary>The statement of a page, and the values of its parameters by name, but for the cursor and the limit.</summary>
    public static (string Text, Dictionary<string, object?> Values) Build(SimQuery query, bool newer)
    {
        var values = new Dictionary<string, object?> { ["@org_id"] = query.OrgId, ["@account_id"] = query.AccountId };
        var common = new StringBuilder();
        void Equal(string column, object? value)
        {
            if (value is null)
                return;
            common.Append($" and {column} = @{column}");
            values["@" + column] = value;
        }
        Equal("iccid", query.Iccid);
        Equal("eid", query.Eid);
        Equal("registration_code", query.RegistrationCode);
        Equal("user_id", query.User);
        Equal("rate_plan_id", query.RatePlanId);
        Equal("type", query.Type?.ToWire());
        var branches = Branches(query, values, common);
        var order = newer ? "id > @cursor{0} order by id limit @limit" : "id < @cursor{0} order by id desc limit @limit";
        var selects = branches.Select(branch =>
            $"select {SimTable.Rows.Columns} from sims where org_id = @org_id and account_id = @account_id and "
            + string.Format(order, common + branch)).ToList();
        var text = selects.Count == 1
            ? selects[0]
            : string.Join(" union all ", selects.Select(select => $"select * from ({select}) b"))
                + $" order by 2 {(newer ? "" : "desc ")}limit @limit";
        return (text, values);
    }

    /// <summary>The one filter that takes several values becomes branches; a second such filter is tested on each row.</summary>
    private static List<string> Branches(SimQuery query, Dictionary<string, object?> values, StringBuilder common)
    {
        var branches = new List<string>();
        if (query.Shown is { } shown)
        {
            var statuses = SimStatusNames.Settled(shown) is { } settled ? [settled] : Enum.GetValues<SimStatus>();
            foreach (var status in statuses)
                branches.Add($" and status = '{status.ToWire()}' and shown = @shown");
            values["@shown"] = shown;
        }
        else if (query.Providers is { } providers)
        {
            for (var i = 0; i < providers.Count; i++)
            {
                branches.Add($" and provider = @provider_{i}");
                values[$"@provider_{i}"] = providers[i];
            }
            if (query.Statuses is { } tested)
            {
                // coalesce keeps the planner on the branch's own index, which has the order.
                common.Append($" and coalesce(status, '') in ({string.Join(", ", tested.Select(status => $"'{status.ToWire()}'"))})");
            }
        }
        else if (query.Statuses is { } statuses)
        {
            foreach (var status in statuses)
            {
                foreach (var shows in new[] { status.ToWire(), "updating", "scheduled" })
                    branches.Add($" and status = '{status.ToWire()}' and shown = '{shows}'");
            }
        }
        else
        {
            branches.Add("");
        }
        return branches;
    }
}
