using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>The statements on accounts, credentials and the directory that finds them.</summary>
internal static class AccountSql
{
    private const string Columns = "org_id, id, parent_id, name, project, sealed_auth_token, created_at, status, updated_at";

    public static readonly Sql InsertOrg = new("insert into orgs (org_id, created_at) values (@org_id, @created_at)");

    public static readonly Sql Insert = new(
        $"insert into accounts ({Columns}) values (@org_id, @id, @parent_id, @name, @project, @sealed_auth_token, @created_at, @status, @updated_at)");

    public static readonly Sql ById = new($"select {Columns} from accounts where org_id = @org_id and id = @id");

    /// <summary>Its status cannot change until the transaction ends; or, for whoever changes it, everything that relies on it has ended.</summary>
    public static readonly Sql Share = new($"{ById.Text} {Sql.Shared}"), Hold = new($"{ById.Text} {Sql.Held}");

    /// <summary>Over all orgs, for operators: the account of a sid is found by the directory.</summary>
    public static readonly Sql List = new($"select {Columns} from accounts where id > @after order by id limit @limit");

    /// <summary>Of one org, with empty filters all.</summary>
    public static readonly Sql Older = OfOrg("id < @cursor", "desc"), Newer = OfOrg("id > @cursor", "asc");

    public static readonly Sql Count = new("select count(*) from accounts where org_id = @org_id");

    /// <summary>Of an account that is what it was when it was read.</summary>
    public static readonly Sql Update = new("""
        update accounts set name = @name, status = @status, updated_at = @updated_at
        where org_id = @org_id and id = @id and status = @old_status
        """);

    public static readonly Sql Suspend = new("update accounts set suspended_after = @suspended_after where org_id = @org_id and id = @id");

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
        new(row.Id(0), row.Id(1), row.IdOrNull(2), row.Text(3), row.Text(4), row.Bytes(5), row.Time(6))
        {
            Status = Enum.Parse<AccountStatus>(row.Text(7), ignoreCase: true),
            UpdatedAt = row.Time(8),
        };

    public static string Name(AccountStatus status) => status switch
    {
        AccountStatus.Active => "active",
        AccountStatus.Suspended => "suspended",
        AccountStatus.Closed => "closed",
    };

    public static Credential ReadCredential(Row row) => new(row.Id(0), row.Id(1), row.IdOrNull(2),
        Enum.Parse<CredentialKind>(row.Text(3), ignoreCase: true), row.Text(4), row.Text(5), row.Text(6), row.Time(7), row.TimeOrNull(8));

    private static Sql OfOrg(string range, string order) => new($"""
        select {Columns} from accounts
        where org_id = @org_id and (@whole_org = 1 or id = @id) and (@name = '' or name = @name) and (@status = '' or status = @status) and {range}
        order by id {order} limit @limit
        """);
}

/// <summary>A credential, as stored: its secret only as a hash.</summary>
internal sealed record Credential(
    Guid OrgId, Guid Id, Guid? AccountId, CredentialKind Kind, string Role, string Name, string Hash,
    DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);
