using Simkeeper.Server.Dialects.Gigs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The statements on SIMs.</summary>
internal static class SimSql
{
    public static readonly Sql Insert = SimTable.Rows.Insert();

    /// <summary>
    /// To each of these belongs one that also reads who is to be told when the SIM is changed: a row for each webhook endpoint.
    /// </summary>
    public static readonly Sql
        ById = SimTable.Rows.Select("where org_id = @org_id and id = @id"),
        ToChangeById = new($"select {ToChange} where s.org_id = @org_id and s.id = @id");

    public static readonly Sql
        ByUniqueName = SimTable.Rows.Select("where org_id = @org_id and account_id = @account_id and unique_name = @unique_name"),
        ToChangeByUniqueName = new(
            $"select {ToChange} where s.org_id = @org_id and s.account_id = @account_id and s.unique_name = @unique_name");

    public static readonly Sql ByIccid = SimTable.Rows.Select("where org_id = @org_id and iccid = @iccid");

    /// <summary>For operators, over all orgs: one index probe per org. SQLite keeps the order of a cross join; of its own accord it would
    /// read every SIM first.</summary>
    public static readonly Sql
        ByIdAnywhere = new($"select {SimTable.Rows.ColumnsOf("s")} from orgs o cross join sims s where s.org_id = o.org_id and s.id = @id"),
        ToChangeAnywhere = new($"select {ToChange.Replace("from sims s", "from orgs o cross join sims s", StringComparison.Ordinal)}"
            + " where s.org_id = o.org_id and s.id = @id");

    /// <summary>For operators, of one org, newest first; an empty filter takes all.</summary>
    public static readonly Sql OfOrg = SimTable.Rows.Select("""
        where org_id = @org_id and id < @after and (@any_account = 1 or account_id = @account_id)
          and (@status = '' or status = @status) and (@provider = '' or provider = @provider) and (@iccid = '' or iccid = @iccid)
        order by id desc limit @limit
        """);

    public static readonly Sql Update = SimTable.Rows.Update();

    public static readonly Sql Delete = new("delete from sims where org_id = @org_id and id = @id and version = @version");

    public static readonly Sql UniqueNameTaken = new("""
        select 1 from sims where org_id = @org_id and account_id = @account_id and unique_name = @unique_name and id <> @id
        """);

    /// <summary>Who owned the SIM until it moves now.</summary>
    public static readonly Sql InsertMove = SimMoveTable.Rows.Insert("on conflict (org_id, sim_id, at) do nothing");

    /// <summary>The moves of a SIM, oldest first.</summary>
    public static readonly Sql Moves = SimMoveTable.Rows.Select("where org_id = @org_id and sim_id = @sim_id order by at");

    private static string ToChange => $"""
        {SimTable.Rows.ColumnsOf("s")}, {WebhookSql.ListenerColumns} from sims s
        left join webhook_endpoints e on e.org_id = s.org_id and e.account_id = s.account_id and e.state = 'enabled'
        left join accounts a on a.org_id = e.org_id and a.id = e.account_id
        """;

    /// <summary>Who is told, of a row of a statement that reads a SIM to change it; null: nobody.</summary>
    public static WebhookListener? ReadListener(Row row) =>
        row.IdOrNull(SimTable.Rows.Count) is null ? null : WebhookSql.ReadListener(row, SimTable.Rows.Count);
}
