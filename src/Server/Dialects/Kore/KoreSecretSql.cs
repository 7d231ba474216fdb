using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>The statements on KORE's webhook secrets.</summary>
internal static class KoreSecretSql
{
    private const string Columns = "org_id, id, account_id, name, status, sealed_secret, updated_at";

    /// <summary>The keys that sign a delivery.</summary>
    public static readonly Joined OfDelivery = new(
        [
            "a.sealed_auth_token",
            """
            (select s.sealed_secret from webhook_secrets s where s.org_id = d.org_id and s.account_id = d.account_id and s.status = 'active'
               order by s.id desc limit 1)
            """,
        ],
        "", static (row, at) => new KoreKeys(row.Bytes(at), row.BytesOrNull(at + 1)));

    public static readonly Sql Insert = new(
        $"insert into webhook_secrets ({Columns}) values (@org_id, @id, @account_id, @name, @status, @sealed_secret, @updated_at)");

    public static readonly Sql OfAccount = new(
        $"select {Columns} from webhook_secrets where org_id = @org_id and account_id = @account_id order by id desc limit 2");

    public static readonly Sql Update = new(
        "update webhook_secrets set name = @name, status = @status, updated_at = @updated_at where org_id = @org_id and id = @id");

    public static readonly Sql DeleteByStatus = new(
        "delete from webhook_secrets where org_id = @org_id and account_id = @account_id and status = @status");

    public static object?[] Values(KoreSecret secret) =>
        [secret.OrgId, secret.Id, secret.AccountId, secret.Name, secret.Status, secret.Sealed, secret.UpdatedAt];

    public static KoreSecret Read(Row row) =>
        new(row.Id(0), row.Id(1), row.Id(2), row.Text(3), row.Text(4) == "active", row.Bytes(5), row.Time(6));
}
