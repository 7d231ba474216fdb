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
}
