using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>API keys and operator keys: made, shown once, listed, revoked.</summary>
internal sealed class Keys(Database database, Credentials credentials, SimClock clock, IdGenerator ids)
{
    public const int NameMax = 64;

    /// <summary>Makes a key. The secret is in the answer, and nowhere else.</summary>
    /// <param name="account">The account it acts for; null for an operator key.</param>
    public async Task<(Credential Credential, string Secret)> CreateAsync(
        Account? account, KeyKind kind, bool readOnly, string name, DateTimeOffset? expiresAt)
    {
        var (id, secret) = (ids.Next(), kind.NewSecret());
        var credential = new Credential(account?.OrgId ?? Installation.OrgId, id, account?.Id, kind.Word,
            readOnly ? CredentialRole.Read : CredentialRole.Write, name, Credentials.Hash(kind.Sent(id, secret)), clock.Now, expiresAt);
        await database.WriteAsync(async session =>
        {
            await InsertAsync(session, credential);
            return true;
        });
        return (credential, secret);
    }

    /// <summary>Makes a key with all rights for an account that has less than so many of its kind.</summary>
    public async Task<Result<(Credential Credential, string Secret)>> CreateAsync(Account account, KeyKind kind, string name, long most)
    {
        var (id, secret) = (ids.Next(), kind.NewSecret());
        var credential = new Credential(account.OrgId, id, account.Id, kind.Word, CredentialRole.Write, name,
            Credentials.Hash(kind.Sent(id, secret)), clock.Now, null);
        return await database.WriteAsync<Result<(Credential, string)>>(async session =>
        {
            // Whoever makes another one at the same time waits here, and counts this one.
            await session.OneAsync(AccountSql.Hold, AccountTable.Rows.Read, account.OrgId, account.Id);
            if (await session.OneAsync(CredentialSql.Count, row => row.Number(0), account.OrgId, account.Id, kind.Word) >= most)
                return new Error(ErrorCode.StateForbids, $"The account has {most} keys, and no more are allowed. Delete one first.");
            await InsertAsync(session, credential);
            return (credential, secret);
        });
    }

    /// <summary>The keys of one kind of an account, newest first.</summary>
    public ValueTask<Page<Credential>> PageAsync(Account account, KeyKind kind, Guid? after, Guid? before, int limit) =>
        database.ReadAsync(session => Page<Credential>.ReadAsync(after, before, limit, (cursor, newer, count) =>
            session.ListAsync(newer ? CredentialSql.Newer : CredentialSql.Older, CredentialTable.Rows.Read,
                account.OrgId, account.Id, kind.Word, cursor, count), key => key.Id));

    /// <summary>A key of this kind of an account; null: there is none.</summary>
    public ValueTask<Credential?> FindAsync(Account account, KeyKind kind, Guid id) =>
        database.ReadAsync(session => FindAsync(session, account, kind, id));

    /// <summary>Gives a key another name; null leaves it. Gives the key; null: there is none.</summary>
    public Task<Credential?> RenameAsync(Account account, KeyKind kind, Guid id, string? name) => database.WriteAsync(async session =>
    {
        var key = await FindAsync(session, account, kind, id);
        if (key is null || name is null || name == key.Name)
            return key;
        key = key with { Name = name, UpdatedAt = clock.Now };
        return await session.ExecuteAsync(CredentialSql.Update, CredentialTable.Rows.UpdateValues(key)) == 1 ? key : null;
    });

    /// <summary>Writes a credential where authentication finds it. False if its hash is there already.</summary>
    public static async ValueTask<bool> InsertAsync(Session session, Credential credential)
    {
        var found = new DirectoryEntry("credential", credential.Hash, credential.OrgId, credential.Id);
        if (await session.ExecuteAsync(DirectorySql.Insert, DirectoryTable.Rows.Values(found)) == 0)
            return false;
        await session.ExecuteAsync(CredentialSql.Insert, CredentialTable.Rows.Values(credential));
        return true;
    }

    /// <param name="account">Whose keys; null for the operator keys.</param>
    public ValueTask<List<Credential>> ListAsync(Account? account, Guid after, int limit) => database.ReadAsync(session =>
        session.ListAsync(CredentialSql.List, CredentialTable.Rows.Read, account?.OrgId ?? Installation.OrgId, after, account?.Id, limit));

    /// <summary>Revokes a key, from the next request on. False if there is none, or it is another account's.</summary>
    public async Task<bool> RevokeAsync(Account? account, Guid id)
    {
        var orgId = account?.OrgId ?? Installation.OrgId;
        var revoked = await database.WriteAsync(async session =>
        {
            var credential = await session.OneAsync(CredentialSql.ById, CredentialTable.Rows.Read, orgId, id);
            if (credential is null || credential.AccountId != account?.Id || credential.Kind == KeyKind.TokenWord)
                return false;
            await session.ExecuteAsync(DirectorySql.Delete, "credential", credential.Hash);
            await session.ExecuteAsync(CredentialSql.Delete, orgId, id);
            await Credentials.RevokedAsync(session);
            return true;
        });
        if (!revoked)
            return false;
        credentials.Forget();
        return true;
    }

    private static async ValueTask<Credential?> FindAsync(Session session, Account account, KeyKind kind, Guid id)
    {
        var key = await session.OneAsync(CredentialSql.ById, CredentialTable.Rows.Read, account.OrgId, id);
        return key?.AccountId == account.Id && key.Kind == kind.Word ? key : null;
    }
}
