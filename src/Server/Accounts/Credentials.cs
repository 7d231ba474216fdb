using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>
/// Says who is calling. Every credential is known by the SHA-256 of what is sent (a bearer key, or <c>user:secret</c> of Basic), held in
/// memory after its first use, and dropped the moment it is revoked: the hot path reads no database.
/// </summary>
internal sealed class Credentials(Database database, TimeProvider wall)
{
    /// <summary>Callers held in memory; beyond it the memory starts afresh.</summary>
    public const int CachedMax = 100_000;

    /// <summary>The longest credential that is looked at, in characters.</summary>
    public const int LengthMax = 512;

    private readonly ConcurrentDictionary<string, Caller> _known = new(StringComparer.Ordinal);
    private int _revocations;

    /// <summary>What is stored of a credential instead of it.</summary>
    public static string Hash(string sent) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sent)));

    /// <summary>The caller that this credential stands for, or null if it stands for none (any more).</summary>
    public async ValueTask<Caller?> FindAsync(string sent)
    {
        if (sent.Length > LengthMax)
            return null;
        var hash = Hash(sent);
        if (!_known.TryGetValue(hash, out var caller))
        {
            var before = Volatile.Read(ref _revocations);
            caller = await database.ReadAsync(session => LoadAsync(session, hash));
            if (caller is null)
                return null;
            if (_known.Count >= CachedMax)
                _known.Clear();
            // A key revoked while we read must not come back to life here.
            if (before == Volatile.Read(ref _revocations))
                _known[hash] = caller;
        }
        return caller.ExpiresAt <= wall.GetUtcNow() ? null : caller;
    }

    /// <summary>Forgets a credential that was revoked, or everybody when an account changed.</summary>
    public void Forget(string? hash = null)
    {
        Interlocked.Increment(ref _revocations);
        if (hash is null)
            _known.Clear();
        else
            _known.TryRemove(hash, out _);
    }

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
        return new Caller(credential.Id, credential.Kind, credential.Role == "read", credential.ExpiresAt, account);
    }
}
