using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>
/// Says who is calling. The store knows a credential by the SHA-256 of what is sent (a bearer key, or <c>user:secret</c> of Basic); after
/// its first use the caller is held in memory, until any credential is revoked: the hot path neither reads the store nor hashes.
/// </summary>
internal sealed class Credentials(Database database, TimeProvider wall)
{
    /// <summary>Callers held in memory; beyond it the memory starts afresh.</summary>
    public const int CachedMax = 100_000;

    /// <summary>The longest credential that is looked at, in characters.</summary>
    public const int LengthMax = 512;

    private volatile ConcurrentDictionary<string, Caller> _known = new(StringComparer.Ordinal);

    /// <summary>What is stored of a credential instead of it.</summary>
    public static string Hash(string sent) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sent)));

    /// <summary>The caller that this credential stands for, or null if it stands for none (any more).</summary>
    public async ValueTask<Caller?> FindAsync(string sent)
    {
        if (sent.Length > LengthMax)
            return null;
        var known = _known;
        if (!known.TryGetValue(sent, out var caller))
        {
            caller = await database.ReadAsync(session => LoadAsync(session, Hash(sent)));
            if (caller is null)
                return null;
            if (known.Count >= CachedMax)
                known.Clear();
            // If a revocation came while we read, this memory is forgotten already.
            known[sent] = caller;
        }
        return caller.ExpiresAt <= wall.GetUtcNow() ? null : caller;
    }

    /// <summary>Forgets everybody: called once a revocation or an account's new status is committed, it makes it hold from the next
    /// request on.</summary>
    public void Forget() => _known = new(StringComparer.Ordinal);

    private static async ValueTask<Caller?> LoadAsync(Session session, string hash)
    {
        var (orgId, id) = await session.OneAsync(AccountSql.Find, row => (row.Id(0), row.Id(1)), "credential", hash);
        if (id == default)
            return null;
        var credential = await session.OneAsync(AccountSql.CredentialById, AccountSql.ReadCredential, orgId, id);
        if (credential is null)
            return null;
        var account = credential.AccountId is { } accountId
            ? await session.OneAsync(AccountSql.ById, AccountSql.Read, orgId, accountId)
            : null;
        if (account is { Status: AccountStatus.Closed })
            return null;
        return new Caller(credential.Id, credential.Kind, credential.Role == "read", credential.ExpiresAt, account);
    }
}
