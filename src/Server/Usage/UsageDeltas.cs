using Simkeeper.Core;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>
/// The amounts that one transaction adds to the seconds and hours of SIMs and to the hours of accounts; use that has moved away is
/// negative.
/// </summary>
internal sealed class UsageDeltas(Guid orgId)
{
    public static readonly long HourMilliseconds = (long)TimeSpan.FromHours(1).TotalMilliseconds;

    private static readonly long SecondMilliseconds = (long)TimeSpan.FromSeconds(1).TotalMilliseconds;

    /// <summary>Rows over which writers at the same time spread an account's hour.</summary>
    public const int Stripes = 16;

    private readonly Dictionary<(Guid SimId, long Second, Guid AccountId, string Roaming), UsageCount> _ofSims = [];

    public static long HourOf(long milliseconds) => milliseconds - (milliseconds % HourMilliseconds);

    public static long SecondOf(long milliseconds) => milliseconds - (milliseconds % SecondMilliseconds);

    public void Add(Guid simId, IReadOnlyList<UsageMark> marks, string roaming, int sign)
    {
        foreach (var used in UsageMark.Used(marks))
            Add(simId, used.At, used.AccountId, new UsageCount(roaming, sign * used.Uploaded, sign * used.Downloaded, 0, 0));
    }

    public void Add(Guid simId, long at, Guid accountId, UsageCount count)
    {
        var key = (simId, SecondOf(at), accountId, count.Roaming);
        _ofSims[key] = _ofSims.TryGetValue(key, out var sum) ? sum.Plus(count) : count;
    }

    /// <summary>The amounts, by SIM.</summary>
    public ILookup<Guid, (long Hour, UsageCount Count)> OfSims() => _ofSims.Where(pair => !pair.Value.IsZero)
        .ToLookup(pair => pair.Key.SimId, pair => (HourOf(pair.Key.Second), pair.Value));

    /// <summary>Writes the sums, always in the same order: two writers must not wait for each other.</summary>
    public async ValueTask SaveAsync(Session session)
    {
        var ofSims = new SortedDictionary<(Guid SimId, long Hour, Guid AccountId, string Roaming), UsageCount>();
        var ofAccounts = new SortedDictionary<(Guid AccountId, long Hour, string Roaming), UsageCount>();
        foreach (var (key, count) in _ofSims)
        {
            Gather(ofSims, (key.SimId, HourOf(key.Second), key.AccountId, key.Roaming), count);
            Gather(ofAccounts, (key.AccountId, HourOf(key.Second), key.Roaming), count);
        }
        foreach (var (key, count) in ofSims.Where(pair => !pair.Value.IsZero))
        {
            await session.ExecuteAsync(
                UsageSql.AddToSim, UsageHourTable.OfSims.Values(new(orgId, key.SimId, key.Hour, key.AccountId, count)));
        }
        foreach (var (key, count) in _ofSims.Where(pair => !pair.Value.IsZero).OrderBy(pair => pair.Key))
        {
            await session.ExecuteAsync(
                UsageSql.AddToSecond, UsageHourTable.Seconds.Values(new(orgId, key.SimId, key.Second, key.AccountId, count)));
        }
        var stripe = (long)(Environment.CurrentManagedThreadId % Stripes);
        foreach (var (key, count) in ofAccounts.Where(pair => !pair.Value.IsZero))
        {
            await session.ExecuteAsync(
                UsageSql.AddToAccount, UsageHourTable.OfAccounts.Values(new(orgId, key.AccountId, key.Hour, stripe, count)));
        }
    }

    private static void Gather<T>(SortedDictionary<T, UsageCount> sums, T key, UsageCount count)
        where T : notnull => sums[key] = sums.TryGetValue(key, out var sum) ? sum.Plus(count) : count;
}

/// <summary>The use in one place: bytes up and down, Commands from and to the SIM.</summary>
internal readonly record struct UsageCount(string Roaming, long Uploaded, long Downloaded, long FromSim, long ToSim)
{
    public bool HasData => Uploaded != 0 || Downloaded != 0;

    public bool HasCommands => FromSim != 0 || ToSim != 0;

    /// <summary>Bytes both ways.</summary>
    public long Bytes => Sum.Of(Uploaded, Downloaded);

    /// <summary>Commands both ways.</summary>
    public long Commands => Sum.Of(FromSim, ToSim);

    public bool IsZero => !HasData && !HasCommands;

    public UsageCount Plus(UsageCount other) => this with
    {
        Uploaded = Sum.Of(Uploaded, other.Uploaded),
        Downloaded = Sum.Of(Downloaded, other.Downloaded),
        FromSim = Sum.Of(FromSim, other.FromSim),
        ToSim = Sum.Of(ToSim, other.ToSim),
    };

    public UsageCount Minus(UsageCount other) => this with
    {
        Uploaded = Sum.Less(Uploaded, other.Uploaded),
        Downloaded = Sum.Less(Downloaded, other.Downloaded),
        FromSim = Sum.Less(FromSim, other.FromSim),
        ToSim = Sum.Less(ToSim, other.ToSim),
    };
}
