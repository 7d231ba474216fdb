using Simkeeper.Core;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>A secret that <c>kore-signature</c> is made with, as stored. Only the active one of an account signs.</summary>
internal sealed record WebhookSecret(Guid OrgId, Guid Id, Guid AccountId, string Name, bool Active, byte[] Sealed, DateTimeOffset UpdatedAt);

/// <summary>
/// The webhook secrets of accounts: one active and at most one pending, as KORE has them ("Rotate my Webhook Secret"). The first is
/// active at once; a further one is pending and takes the place of the pending one before; activating it ends the active one for good.
/// </summary>
internal sealed class WebhookSecrets(Database database, Secrets secrets, SimClock clock, IdGenerator ids)
{
    public const int NameMax = 64;

    private const string Columns = "org_id, id, account_id, name, status, sealed_secret, updated_at";

    private static readonly Sql Insert = new(
        $"insert into webhook_secrets ({Columns}) values (@org_id, @id, @account_id, @name, @status, @sealed_secret, @updated_at)");

    private static readonly Sql OfAccount = new(
        $"select {Columns} from webhook_secrets where org_id = @org_id and account_id = @account_id order by id desc limit 2");

    private static readonly Sql Update = new(
        "update webhook_secrets set name = @name, status = @status, updated_at = @updated_at where org_id = @org_id and id = @id");

    private static readonly Sql DeleteByStatus = new(
        "delete from webhook_secrets where org_id = @org_id and account_id = @account_id and status = @status");

    /// <summary>Makes a secret. It is in the answer, and nowhere else in clear.</summary>
    public async Task<(WebhookSecret Secret, string Clear)> CreateAsync(Account account, string name)
    {
        var clear = Accounts.Accounts.NewSecret();
        var secret = await database.WriteAsync(async session =>
        {
            await HoldAsync(session, account);
            var first = !(await ListAsync(session, account)).Exists(known => known.Active);
            if (!first)
                await session.ExecuteAsync(DeleteByStatus, account.OrgId, account.Id, StatusOf(active: false));
            var made = new WebhookSecret(account.OrgId, ids.Next(), account.Id, name, first, secrets.Seal(clear), clock.Now);
            await session.ExecuteAsync(Insert,
                made.OrgId, made.Id, made.AccountId, made.Name, StatusOf(made.Active), made.Sealed, made.UpdatedAt);
            return made;
        });
        return (secret, clear);
    }

    /// <summary>An account's secrets, the newest first.</summary>
    public ValueTask<List<WebhookSecret>> ListAsync(Account account) => database.ReadAsync(session => ListAsync(session, account));

    /// <summary>Renames a secret, and activates it.</summary>
    /// <param name="name">Null: as it is.</param>
    /// <param name="active">Null: as it is.</param>
    public Task<Result<WebhookSecret>> UpdateAsync(Account account, Guid id, string? name, bool? active) =>
        database.WriteAsync<Result<WebhookSecret>>(async session =>
        {
            await HoldAsync(session, account);
            if ((await ListAsync(session, account)).Find(known => known.Id == id) is not { } secret)
                return new Error(ErrorCode.NotFound, "The secret does not exist.");
            if (secret.Active && active == false)
                return new Error(ErrorCode.StateForbids, "The active secret stays active until another is activated.", "Status");
            var after = secret with { Name = name ?? secret.Name, Active = active ?? secret.Active };
            if (after == secret)
                return secret;
            after = after with { UpdatedAt = clock.Now };
            if (after.Active && !secret.Active)
                await session.ExecuteAsync(DeleteByStatus, account.OrgId, account.Id, StatusOf(active: true));
            await session.ExecuteAsync(Update, after.Name, StatusOf(after.Active), after.UpdatedAt, after.OrgId, after.Id);
            return after;
        });

    public static string StatusOf(bool active) => active ? "active" : "pending";

    /// <summary>Holds the account until the transaction ends: a second request that makes or activates secrets sees what the first has done.</summary>
    private static ValueTask<Account?> HoldAsync(Session session, Account account) =>
        session.OneAsync(AccountSql.Hold, AccountSql.Read, account.OrgId, account.Id);

    private static ValueTask<List<WebhookSecret>> ListAsync(Session session, Account account) =>
        session.ListAsync(OfAccount, static row => new WebhookSecret(row.Id(0), row.Id(1), row.Id(2), row.Text(3), row.Text(4) == "active",
            row.Bytes(5), row.Time(6)), account.OrgId, account.Id);
}
