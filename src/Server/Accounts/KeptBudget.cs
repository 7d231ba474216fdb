using System.Collections.Concurrent;

namespace Simkeeper.Server.Accounts;

/// <summary>
/// Bounds the bytes that the requests of one account add to what is kept: events, messages and Commands
/// (<c>Accounts:KeptBytesPerHour</c>). What a change needs is always written whole; an account that has used up its budget gets no further
/// change until enough of the hour has passed. Each server has its own budgets, which a restart fills.
/// </summary>
internal sealed class KeptBudget(AccountSettings settings, TimeProvider wall)
{
    private const double SecondsOfHour = 3600;

    private readonly ConcurrentDictionary<Guid, Account> _accounts = new();

    /// <summary>Gives the seconds until the account may change something again; null: it may now.</summary>
    public int? Wait(Guid accountId)
    {
        if (!_accounts.TryGetValue(accountId, out var account))
            return null;
        lock (account)
        {
            var over = Used(account) - settings.KeptBytesPerHour;
            return over < 0 ? null : 1 + (int)(over / settings.KeptBytesPerHour * SecondsOfHour);
        }
    }

    /// <summary>Counts what an account has added.</summary>
    public void Add(Guid accountId, long bytes)
    {
        var account = _accounts.GetOrAdd(accountId, static (_, at) => new Account { At = at }, wall.GetTimestamp());
        lock (account)
        {
            account.Used = Used(account) + bytes;
            account.At = wall.GetTimestamp();
        }
    }

    /// <summary>The bytes that count now: an hour's budget is given back in an hour, evenly.</summary>
    private double Used(Account account) => Math.Max(
        0, account.Used - (wall.GetElapsedTime(account.At).TotalSeconds / SecondsOfHour * settings.KeptBytesPerHour));

    private sealed class Account
    {
        public long At { get; set; }

        public double Used { get; set; }
    }
}
