using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>The statements on accounts.</summary>
internal static class AccountSql
{
    public static readonly Sql InsertOrg = new("insert into orgs (org_id, created_at) values (@org_id, @created_at)");

    public static readonly Sql Insert = AccountTable.Rows.Insert();

    public static readonly Sql ById = AccountTable.Rows.Select("where org_id = @org_id and id = @id");

    /// <summary>
    /// Share: until the transaction ends, the status stays as it was read. Hold, for whoever changes it: also waits for all who share it.
    /// </summary>
    public static readonly Sql Share = new($"{ById.Text} {Sql.Shared}"), Hold = new($"{ById.Text} {Sql.Held}");

    /// <summary>Over all orgs, for operators: the account of a sid is found by the directory.</summary>
    public static readonly Sql List = AccountTable.Rows.Select("where id > @after order by id limit @limit");

    /// <summary>Of one org, with empty filters all.</summary>
    public static readonly Sql Older = OfOrg("id < @cursor", "desc"), Newer = OfOrg("id > @cursor", "asc");

    public static readonly Sql Count = new("select count(*) from accounts where org_id = @org_id");

    /// <summary>Changes an account whose status is still what it was when it was read.</summary>
    public static readonly Sql Update = AccountTable.Rows.Update("and status = @old_status");

    /// <summary>
    /// Two probes of an index each: an account may have a million SIMs of which none is in use. The status of those that move is hidden
    /// from the planner, which else reads all that have it.
    /// </summary>
    public static readonly Sql SimInUse = new("""
        select * from (select 1 from sims where org_id = @org_id and account_id = @account_id
          and status in ('ready', 'active', 'suspended', 'deactivated') limit 1) settled
        union all
        select * from (select 1 from sims where org_id = @org_id and account_id = @account_id
          and shown in ('updating', 'scheduled') and coalesce(status, '') = 'new' limit 1) moving
        """);

    private static Sql OfOrg(string range, string order) => AccountTable.Rows.Select($"""
        where org_id = @org_id and (@whole_org = 1 or id = @id) and (@name = '' or name = @name) and (@status = '' or status = @status)
          and {range}
        order by id {order} limit @limit
        """);
}
