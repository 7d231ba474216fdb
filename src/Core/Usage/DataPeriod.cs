namespace Simkeeper.Core.Usage;

/// <summary>A SIM's running month: what it has used in it, and what of its data is restricted because a limit of its plan was reached.</summary>
/// <param name="Anchor">The first activation: the months begin on its day.</param>
/// <param name="Start">Where the month begins.</param>
/// <param name="End">Where the next one begins.</param>
/// <param name="Used">In this month, by where.</param>
/// <param name="Wanted">The restriction that the use and the plan come to.</param>
/// <param name="InEffect">The restriction that the carrier has confirmed.</param>
/// <param name="Attempts">Calls to the carrier for what is wanted; below 0: see <see cref="IsRefused"/>.</param>
public sealed record DataPeriod(
    DateTimeOffset Anchor, DateTimeOffset Start, DateTimeOffset End, DataUse Used, DataRestriction Wanted, DataRestriction InEffect,
    int Attempts)
{
    /// <summary>The carrier will never do what is wanted. It is not asked again until something else is.</summary>
    public bool IsRefused => Attempts < 0;

    /// <summary>The month of a SIM for which nothing was counted yet.</summary>
    /// <param name="activated">Its first activation.</param>
    public static DataPeriod First(DateTimeOffset activated, DateTimeOffset now) =>
        new DataPeriod(activated < now ? activated : now, default, default, default, DataRestriction.Open, DataRestriction.Open, 0).At(now);

    /// <summary>The month that this moment lies in. What was used in it, and what that comes to, is to be decided anew.</summary>
    public DataPeriod At(DateTimeOffset now)
    {
        var (start, end) = DataLimit.Period(Anchor, now);
        return this with { Start = start, End = end };
    }

    /// <summary>The month once this was used in it. What is wanted anew has not been tried yet.</summary>
    /// <param name="limit">Null: the SIM has no plan, and nothing is restricted.</param>
    public DataPeriod Decide(DataUse used, DataLimit? limit)
    {
        var wanted = limit?.For(used) ?? DataRestriction.Open;
        return this with { Used = used, Wanted = wanted, Attempts = wanted == Wanted ? Attempts : 0 };
    }

    /// <summary>The use of the month with these hours added. Hours before or after the month are left out.</summary>
    /// <param name="hours">Each where it begins (milliseconds since 1970, UTC), where it was used, and how many bytes.</param>
    public DataUse With(IEnumerable<(long Hour, string Roaming, long Bytes)> hours)
    {
        var (start, end) = (Start.ToUnixTimeMilliseconds(), End.ToUnixTimeMilliseconds());
        return hours.Where(hour => hour.Hour >= start && hour.Hour < end)
            .Aggregate(Used, (sum, hour) => sum.Plus(hour.Roaming, hour.Bytes));
    }

    /// <summary>True if the month has to be decided anew: it is over, or this use comes to something else than what is wanted.</summary>
    public bool MustBeDecided(DataUse used, DataLimit limit, DateTimeOffset now) => now >= End || limit.For(used) != Wanted;
}
