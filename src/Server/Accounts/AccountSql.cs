using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>The statements on accounts, credentials and the directory that finds them.</summary>
internal static class AccountSql
{
    private const string Columns = "org_id, id, parent_id, name, project, sealed_auth_token, created_at";

    public static readonly Sql InsertOrg = new("insert into orgs (org_id, created_at) values (@org_id, @created_at)");

    public static readonly Sql Insert = new(
        $"insert into accounts ({Columns}) values (@org_id, @id, @parent_id, @name, @project, @sealed_auth_token, @created_at)");

    public static readonly Sql ById = new($"select {Columns} from accounts where org_id = @org_id and id = @id");

    /// <summary>Over all orgs, for operators: the account of a sid is found by the directory.</summary>
    public static readonly Sql List = new($"select {Columns} from accounts where id > @after order by id limit @limit");

    public static readonly Sql InsertDirectory = new(
        "insert into directory (kind, value, org_id, target) values (@kind, @value, @org_id, @target) on conflict (kind, value) do nothing");

    public static readonly Sql DeleteDirectory = new("delete from directory where kind = @kind and value = @value");

    public static readonly Sql Find = new("select org_id, target from directory where kind = @kind and value = @value");

    public static readonly Sql InsertCredential = new("""
        insert into credentials (org_id, id, account_id, kind, role, name, hash, created_at, expires_at)
        values (@org_id, @id, @account_id, @kind, @role, @name, @hash, @created_at, @expires_at)
        """);

    public static readonly Sql CredentialById = new("""
        select org_id, id, account_id, kind, role, name, hash, created_at, expires_at from credentials where org_id = @org_id and id = @id
        """);

    public static readonly Sql Credentials = new("""
        select org_id, id, account_id, kind, role, name, hash, created_at, expires_at from credentials
        where org_id = @org_id and id > @after and kind <> 'token' and (account_id = @account_id or kind = 'operator')
        order by id limit @limit
        """);

    public static readonly Sql DeleteCredential = new("delete from credentials where org_id = @org_id and id = @id");

    public static Account Read(Row row) =>
        new(row.Id(0), row.Id(1), row.IdOrNull(2), row.Text(3), row.Text(4), row.Bytes(5), row.Time(6));

    public static Credential ReadCredential(Row row) => new(row.Id(0), row.Id(1), row.IdOrNull(2),
        Enum.Parse<CredentialKind>(row.Text(3), ignoreCase: true), row.Text(4), row.Text(5), row.Text(6), row.Time(7), row.TimeOrNull(8));
}

/// <summary>A credential, as stored: its secret only as a hash.</summary>
internal sealed record Credential(
    Guid OrgId, Guid Id, Guid? AccountId, CredentialKind Kind, string Role, string Name, string Hash,
    DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);
