using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>
/// Says who is calling. The store, and the memory of this process, know a credential by the SHA-256 of what is sent (a bearer key, or
/// <c>user:secret</c> of Basic). After its first use the caller is held in memory, until any credential is revoked: the hot path does not
/// read the store. Nor does it hash: Kestrel keeps the header for as long as a connection repeats it, and the caller is found by that
/// object. Failed log-ins are limited (<see cref="FailedLogins"/>); that never concerns a caller who is held in memory.
/// </summary>
internal sealed class Credentials(
    Database database, TimeProvider wall, Signals signals, AccessTokens tokens, FailedLogins failed, Door door)
{
    /// <summary>The installation's value that every revocation changes, and the word that says so to other servers.</summary>
    public const string Revocation = "revocation";

    /// <summary>Callers held in memory; beyond it the memory starts afresh.</summary>
    public const int CachedMax = 100_000;

    /// <summary>The longest credential that is looked at, in characters.</summary>
    public const int LengthMax = 512;

    private volatile ConcurrentDictionary<Digest, Caller> _known = new();

    /// <summary>
    /// Callers known before the last revocation. They are looked up again at once: somebody who guesses from the same address, such as that
    /// of a proxy, must not lock them out.
    /// </summary>
    private volatile ConcurrentDictionary<Digest, Caller> _before = new();

    private int _forgotten;

    /// <summary>Callers by the header that named them. It holds no header that nobody else holds.</summary>
    private readonly ConditionalWeakTable<string, Named> _named = new();

    /// <summary>The hash that is stored in place of a credential.</summary>
    public static string Hash(string sent) => Digest.Of(sent).ToString();

    /// <summary>The caller that a key in <c>Authorization: Bearer</c> stands for.</summary>
    public ValueTask<Login> BearerAsync(HttpContext request) => FromHeaderAsync(request, Requests.Bearer, isToken: false);

    /// <summary>The caller that <c>Authorization: Basic</c> stands for.</summary>
    public ValueTask<Login> BasicAsync(HttpContext request) => FromHeaderAsync(request, Requests.Basic, isToken: false);

    /// <summary>The OAuth2 client of an access token in <c>Authorization: Bearer</c>, until the token or the client ends.</summary>
    public ValueTask<Login> TokenAsync(HttpContext request) => FromHeaderAsync(request, Requests.Bearer, isToken: true);

    /// <summary>The caller that this credential stands for, wherever the request has it.</summary>
    public ValueTask<Login> FindAsync(string sent, HttpContext request) => FindAsync(sent, request, null, isToken: false);

    /// <summary>Written in the transaction of a revocation, so that every server sees it within a second, whatever gets lost.</summary>
    public static async ValueTask RevokedAsync(Session session) =>
        await Installation.StoreAsync(session, Revocation, RandomNumberGenerator.GetHexString(16));

    /// <summary>
    /// Forgets all callers. Called when a revocation or an account's new status is committed: here it holds from the next request on, on
    /// other servers a moment later.
    /// </summary>
    public void Forget()
    {
        ForgetHere();
        signals.Tell(Revocation);
    }

    /// <summary>Another server has revoked a credential.</summary>
    public void ForgetHere()
    {
        (_before, _known) = (_known, new());
        Interlocked.Increment(ref _forgotten);
    }

    private ValueTask<Login> FromHeaderAsync(HttpContext request, Func<HttpRequest, string?> read, bool isToken)
    {
        var header = request.Request.Headers.Authorization.ToString();
        if (_named.TryGetValue(header, out var named) && named.IsToken == isToken && named.Forgotten == Volatile.Read(ref _forgotten))
            return new(InTime(named.Caller));
        return read(request.Request) is { } sent ? FindAsync(sent, request, header, isToken) : default;
    }

    private async ValueTask<Login> FindAsync(string sent, HttpContext request, string? header, bool isToken)
    {
        if (sent.Length > LengthMax || (isToken && !sent.StartsWith(AccessTokens.Header, StringComparison.Ordinal)))
            return default;
        var digest = Digest.Of(sent);
        // In this order: if a revocation comes in between, what is found in the old memory is not taken for the new.
        var forgotten = Volatile.Read(ref _forgotten);
        var known = _known;
        if (!known.TryGetValue(digest, out var caller))
        {
            var address = request.Connection.RemoteIpAddress;
            if (!_before.ContainsKey(digest) && failed.Wait(address, sent) is { } seconds)
            {
                await door.HoldAsync(request);
                return new Login(null, seconds);
            }
            caller = await database.ReadAsync(session => isToken ? LoadTokenAsync(session, sent) : LoadAsync(session, digest.ToString()));
            if (caller is null)
            {
                _before.TryRemove(digest, out _);
                failed.Count(address, sent);
                return default;
            }
            if (known.Count >= CachedMax)
                known.Clear();
            // If a revocation came while we read, this memory is forgotten already.
            known[digest] = caller;
        }
        if (header is not null)
            _named.AddOrUpdate(header, new Named(caller, isToken, forgotten));
        return InTime(caller);
    }

    private Login InTime(Caller caller)
    {
        if (caller.ExpiresAt is { } end && (end <= wall.GetUtcNow() || caller.NotBefore > wall.GetUtcNow()))
            return default;
        if (caller.Account is { } account && Patience.Current is { } patience)
            patience.OrgId = account.OrgId;
        return new Login(caller, null);
    }

    private static async ValueTask<Caller?> LoadAsync(Session session, string hash)
    {
        var found = await session.OneAsync(DirectorySql.Find, DirectoryTable.Rows.Read, "credential", hash);
        return found == default ? null : await LoadAsync(session, found.OrgId, found.Target);
    }

    private async ValueTask<Caller?> LoadTokenAsync(Session session, string token)
    {
        if (tokens.Read(token) is not { } claims || await Accounts.FindAsync(session, claims.AccountId) is not { } account)
            return null;
        return await LoadAsync(session, account.OrgId, claims.ClientId) is { Kind: KeyKind.ClientWord } client
            ? client with
            {
                NotBefore = claims.NotBefore,
                ExpiresAt = client.ExpiresAt < claims.ExpiresAt ? client.ExpiresAt : claims.ExpiresAt,
            }
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

    /// <summary>The caller of a header.</summary>
    /// <param name="Forgotten">The number of times that everybody had been forgotten then: once more, and this counts no longer.</param>
    private sealed record Named(Caller Caller, bool IsToken, int Forgotten);

    /// <summary>The SHA-256 of a credential.</summary>
    private readonly record struct Digest(UInt128 High, UInt128 Low)
    {
        public static Digest Of(string sent)
        {
            var most = Encoding.UTF8.GetMaxByteCount(sent.Length);
            Span<byte> text = most <= 1024 ? stackalloc byte[most] : new byte[most];
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(text[..Encoding.UTF8.GetBytes(sent, text)], hash);
            return new Digest(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
        }

        public override int GetHashCode() => (int)Low;

        /// <summary>As it is stored: 64 small hex digits.</summary>
        public override string ToString() => $"{High:x32}{Low:x32}";
    }
}

/// <summary>The outcome of a log-in.</summary>
/// <param name="Caller">The caller; null: nobody.</param>
/// <param name="RetryAfter">Too many have failed: the whole seconds to wait until the next one is looked at.</param>
internal readonly record struct Login(Caller? Caller, int? RetryAfter);
