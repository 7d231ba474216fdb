using Simkeeper.Core;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>
/// Manages the webhook secrets of accounts: one active and at most one pending, as KORE has them ("Rotate my Webhook Secret"). The first
/// secret is active at once. A further one is pending and replaces the pending one before it. Activating it ends the active one for good.
/// </summary>
internal sealed class RotateKoreSecrets(Database database, Secrets secrets, SimClock clock, IdGenerator ids)
{
    /// <summary>Makes a secret. The answer shows it; nothing else does.</summary>
    public async Task<(KoreSecret Secret, string Clear)> CreateAsync(Account account, string name)
    {
        var clear = Accounts.Accounts.NewSecret();
        var secret = await database.WriteAsync(async session =>
        {
            await HoldAsync(session, account);
            var first = !(await ListAsync(session, account)).Exists(known => known.Active);
            if (!first)
                await session.ExecuteAsync(KoreSecretSql.DeleteByStatus, account.OrgId, account.Id, KoreSecret.StatusOf(active: false));
            var made = new KoreSecret(account.OrgId, ids.Next(), account.Id, name, first, secrets.Seal(clear), clock.Now);
            await session.ExecuteAsync(KoreSecretSql.Insert, KoreSecretSql.Values(made));
            return made;
        });
        return (secret, clear);
    }

    /// <summary>An account's secrets, the newest first.</summary>
    public ValueTask<List<KoreSecret>> ListAsync(Account account) => database.ReadAsync(session => ListAsync(session, account));

    /// <summary>Renames a secret, activates it, or both.</summary>
    /// <param name="name">Null: the name stays the same.</param>
    /// <param name="active">Null: the state stays the same.</param>
    public Task<Result<KoreSecret>> UpdateAsync(Account account, Guid id, string? name, bool? active) =>
        database.WriteAsync<Result<KoreSecret>>(async session =>
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
                await session.ExecuteAsync(KoreSecretSql.DeleteByStatus, account.OrgId, account.Id, KoreSecret.StatusOf(active: true));
            await session.ExecuteAsync(KoreSecretSql.Update, after.Name, after.Status, after.UpdatedAt, after.OrgId, after.Id);
            return after;
        });

    /// <summary>
    /// Locks the account until the transaction ends: a second request that makes or activates secrets sees the result of the first.
    /// </summary>
    private static ValueTask<Account?> HoldAsync(Session session, Account account) =>
        session.OneAsync(AccountSql.Hold, AccountTable.Rows.Read, account.OrgId, account.Id);

    private static ValueTask<List<KoreSecret>> ListAsync(Session session, Account account) =>
        session.ListAsync(KoreSecretSql.OfAccount, KoreSecretSql.Read, account.OrgId, account.Id);
}
