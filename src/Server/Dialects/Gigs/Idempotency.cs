using System.Collections.Concurrent;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>
/// Stores the first answer under an Idempotency-Key together with its effect, and gives it again when the request is repeated. A key that
/// may only read stores none: it changes nothing, here as elsewhere. Keys that have ended are removed, and the oldest of an account that
/// has too many.
/// </summary>
internal sealed class Idempotency(Database database, GigsSettings settings, SimClock clock) : IOldRows
{
    /// <summary>New keys of an account after which it is seen if it has too many.</summary>
    public const int TrimEvery = 64;

    /// <summary>
    /// The time by which the clocks of servers may differ. A key from further ahead was stored before the clock was set back.
    /// </summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(Guid Account, string Key), bool> _inFlight = new();
    private readonly ConcurrentDictionary<Guid, int> _stored = new();

    private (DateTimeOffset Now, DateTimeOffset Oldest, DateTimeOffset Newest) Times()
    {
        var now = clock.Below;
        return (now, now - settings.IdempotencyLife, now + Skew);
    }

    /// <param name="requestHash">The request: another one under the same key is refused.</param>
    /// <param name="answer">Makes the first answer.</param>
    public async Task<byte[]> AnswerAsync(Caller caller, string key, string requestHash, Func<Session, ValueTask<byte[]>> answer)
    {
        if (!_inFlight.TryAdd((caller.AccountId, key), true))
            throw new GigsException(GigsError.InFlight);
        try
        {
            var (given, error) = caller.ReadOnly
                ? await database.ReadAsync(async session =>
                    await FindAsync(session, caller, key, requestHash) ?? (await answer(session), null))
                : await database.WriteAsync(async session =>
                    await FindAsync(session, caller, key, requestHash)
                        ?? await StoreAsync(session, caller, key, requestHash, await answer(session)));
            return error is null ? given! : throw new GigsException(error);
        }
        finally
        {
            _inFlight.TryRemove((caller.AccountId, key), out _);
        }
    }

    public async ValueTask<List<Guid>> OrgsAsync(Session session)
    {
        var (_, oldest, newest) = Times();
        var old = await session.ListAsync(IdempotencySql.OrgsWithOld, static row => row.Id(0), oldest);
        return [.. old.Union(await session.ListAsync(IdempotencySql.OrgsWithAhead, static row => row.Id(0), newest))];
    }

    public async ValueTask<bool> RemoveAsync(Session session, Guid orgId)
    {
        var (_, oldest, newest) = Times();
        return await Retention.RemoveAsync(session, IdempotencySql.Old, IdempotencySql.Remove, static row => row.Time(0), [orgId], oldest)
            | await Retention.RemoveAsync(session, IdempotencySql.Ahead, IdempotencySql.Remove, static row => row.Time(0), [orgId], newest);
    }

    /// <summary>The answer that is stored under the key, or the refusal of another request; null: nothing is stored.</summary>
    private async ValueTask<(byte[]? Answer, GigsError? Error)?> FindAsync(Session session, Caller caller, string key, string requestHash)
    {
        var (_, oldest, newest) = Times();
        var (hash, stored) = await session.OneAsync(
            IdempotencySql.Find, static row => (row.Text(0), row.Bytes(1)), caller.OrgId, caller.AccountId, key, oldest, newest);
        return hash is null ? null
            : hash == requestHash ? (stored, null)
            : (null, GigsError.Invalid("Idempotency-Key", "This Idempotency-Key was used with another body. Use a new key."));
    }

    private async ValueTask<(byte[]? Answer, GigsError? Error)> StoreAsync(
        Session session, Caller caller, string key, string requestHash, byte[] answer)
    {
        var (now, oldest, newest) = Times();
        var inserted = await session.ExecuteAsync(
            IdempotencySql.Insert, caller.OrgId, caller.AccountId, key, requestHash, 200, answer, now, oldest, newest);
        if (_stored.AddOrUpdate(caller.AccountId, 1, static (_, stored) => stored + 1) % TrimEvery == 0)
        {
            await session.ExecuteAsync(
                IdempotencySql.Trim, caller.OrgId, caller.AccountId, settings.IdempotencyRowsMax, settings.IdempotencyBytesMax);
        }
        // Another server may have just stored the answer of the same request.
        return inserted == 1 ? (answer, null) : (null, GigsError.InFlight);
    }
}
