using System.Collections.Concurrent;
using System.Text;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>What a list asks for. Absent filters take everything.</summary>
internal sealed record SimQuery(Guid OrgId, Guid AccountId)
{
    /// <summary>Settled statuses, any of them.</summary>
    public IReadOnlyList<SimStatus>? Statuses { get; init; }

    /// <summary>The shown status.</summary>
    public string? Shown { get; init; }

    public IReadOnlyList<string>? Providers { get; init; }
    public SimType? Type { get; init; }
    public string? User { get; init; }
    public Guid? RatePlanId { get; init; }
    public string? Eid { get; init; }
    public string? Iccid { get; init; }
    public string? RegistrationCode { get; init; }

    /// <summary>Only what is older than this SIM.</summary>
    public Guid? After { get; init; }

    /// <summary>Only what is newer than this SIM: the items right above it.</summary>
    public Guid? Before { get; init; }

    public required int Limit { get; init; }
}

/// <summary>
/// Lists SIMs by keyset, at the same cost at any depth: every combination of filters is a union of branches that each read one index in
/// the order of the list, with a limit of its own.
/// </summary>
internal sealed class ListSims(Database database)
{
    /// <summary>The most providers that one list can ask for.</summary>
    public const int ProvidersMax = 50;

    private readonly ConcurrentDictionary<string, Sql> _statements = new(StringComparer.Ordinal);

    public ValueTask<Page<Sim>> RunAsync(SimQuery query) => database.ReadAsync(session => RunAsync(session, query));

    public ValueTask<Page<Sim>> RunAsync(Session session, SimQuery query) => Page<Sim>.ReadAsync(query.After, query.Before, query.Limit,
        (cursor, newer, limit) => FetchAsync(session, query, cursor, newer, limit), sim => sim.Id);

    private async ValueTask<List<Sim>> FetchAsync(Session session, SimQuery query, Guid cursor, bool newer, int limit)
    {
        var (text, values) = Build(query, newer);
        var sql = _statements.GetOrAdd(text, static text => new Sql(text));
        values["@org_id"] = query.OrgId;
        values["@account_id"] = query.AccountId;
        values["@cursor"] = cursor;
        values["@limit"] = limit;
        return await session.ListAsync(sql, SimSql.Read, [.. sql.Parameters.Select(name => values[name])]);
    }

    internal static (string Text, Dictionary<string, object?> Values) Build(SimQuery query, bool newer)
    {
        var values = new Dictionary<string, object?>();
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
            $"select {SimSql.Columns} from sims where org_id = @org_id and account_id = @account_id and "
            + string.Format(order, common + branch)).ToList();
        var text = selects.Count == 1
            ? selects[0]
            : string.Join(" union all ", selects.Select(select => $"select * from ({select}) b")) + $" order by 2 {(newer ? "" : "desc ")}limit @limit";
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
