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

    public static readonly Sql Delete = new("delete from credentials where org_id = @org_id and id = @id");
}
