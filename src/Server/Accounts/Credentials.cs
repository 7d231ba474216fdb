using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>
/// Says who is calling. The store knows a credential by the SHA-256 of what is sent (a bearer key, or <c>user:secret</c> of Basic); after
/// its first use the caller is held in memory, until any credential is revoked: the hot path neither reads the store nor hashes.
/// </summary>
internal sealed class Credentials(Database database, TimeProvider wall, Signals signals, AccessTokens tokens)
{
    /// <summary>The installation's value that every revocation changes, and the word that says so to other servers.</summary>
    public const string Revocation = "revocation";

    /// <summary>Callers held in memory; beyond it the memory starts afresh.</summary>
    public const int CachedMax = 100_000;

    /// <summary>The longest credential that is looked at, in characters.</summary>
    public const int LengthMax = 512;

    private volatile ConcurrentDictionary<string, Caller> _known = new(StringComparer.Ordinal);

    /// <summary>What is stored of a credential instead of it.</summary>
    public static string Hash(string sent) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sent)));

    /// <summary>The caller that this credential stands for, or null if it stands for none (any more).</summary>
    public ValueTask<Caller?> FindAsync(string sent) => FindAsync(sent, isToken: false);

    /// <summary>The OAuth2 client that an access token was issued to, or null if it is none of ours, has ended, or its client has.</summary>
    public ValueTask<Caller?> FindTokenAsync(string token) =>
        token.StartsWith(AccessTokens.Header, StringComparison.Ordinal) ? FindAsync(token, isToken: true) : default;

    private async ValueTask<Caller?> FindAsync(string sent, bool isToken)
    {
        if (sent.Length > LengthMax)
            return null;
        var known = _known;
        if (!known.TryGetValue(sent, out var caller))
        {
            caller = await database.ReadAsync(session => isToken ? LoadTokenAsync(session, sent) : LoadAsync(session, Hash(sent)));
            if (caller is null)
                return null;
            if (known.Count >= CachedMax)
                known.Clear();
            // If a revocation came while we read, this memory is forgotten already.
            known[sent] = caller;
        }
        return caller.ExpiresAt <= wall.GetUtcNow() ? null : caller;
    }

    /// <summary>Written in the transaction of a revocation, so that every server sees it within a second, whatever gets lost.</summary>
    public static async ValueTask RevokedAsync(Session session) =>
        await Installation.StoreAsync(session, Revocation, RandomNumberGenerator.GetHexString(16));

    /// <summary>Forgets everybody: called once a revocation or an account's new status is committed, it makes it hold from the next request on,
    /// here; elsewhere, at once after.</summary>
    public void Forget()
    {
        ForgetHere();
        signals.Tell(Revocation);
    }

    /// <summary>Another server has revoked a credential.</summary>
    public void ForgetHere() => _known = new(StringComparer.Ordinal);

    private static async ValueTask<Caller?> LoadAsync(Session session, string hash)
    {
        var found = await session.OneAsync(DirectorySql.Find, DirectoryTable.Rows.Read, "credential", hash);
        return found == default ? null : await LoadAsync(session, found.OrgId, found.Target);
    }

    private async ValueTask<Caller?> LoadTokenAsync(Session session, string token)
    {
        if (tokens.Read(token) is not { } claims || await Accounts.FindAsync(session, claims.AccountId) is not { } account)
            return null;
        return await LoadAsync(session, account.OrgId, claims.ClientId) is { Kind: CredentialKind.Client } client
            ? client with { ExpiresAt = client.ExpiresAt < claims.ExpiresAt ? client.ExpiresAt : claims.ExpiresAt }
            : null;
    }

    private static async ValueTask<Caller?> LoadAsync(Session session, Guid orgId, Guid id)
    {
        var credential = await session.OneAsync(CredentialSql.ById, CredentialTable.Rows.Read, orgId, id);
        if (credential is null)
            return null;
        var account = credential.AccountId is { } accountId
            ? await session.OneAsync(AccountSql.ById, AccountTable.Rows.Read, orgId, accountId)
            : null;
        if (account is { Status: AccountStatus.Closed })
            return null;
        return new Caller(credential.Id, credential.Kind, credential.Role == CredentialRole.Read, credential.ExpiresAt, account);
    }
}
