using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>The statements on credentials.</summary>
internal static class CredentialSql
{
    public static readonly Sql Insert = CredentialTable.Rows.Insert();

    public static readonly Sql ById = CredentialTable.Rows.Select("where org_id = @org_id and id = @id");

    /// <summary>The keys of an account, or of operators, oldest first. Auth tokens are not among them.</summary>
    public static readonly Sql List = CredentialTable.Rows.Select("""
        where org_id = @org_id and id > @after and kind <> 'token' and (account_id = @account_id or kind = 'operator')
        order by id limit @limit
        """);

    /// <summary>The keys of one kind of an account, by pages.</summary>
    public static readonly Sql Older = OfKind("id < @cursor", "desc"), Newer = OfKind("id > @cursor", "asc");

    public static readonly Sql Count = new(
        "select count(*) from credentials where org_id = @org_id and account_id = @account_id and kind = @kind");

    public static readonly Sql Update = CredentialTable.Rows.Update();

    public static readonly Sql Delete = new("delete from credentials where org_id = @org_id and id = @id");

    private static Sql OfKind(string range, string order) => CredentialTable.Rows.Select(
        $"where org_id = @org_id and account_id = @account_id and kind = @kind and {range} order by id {order} limit @limit");
}
