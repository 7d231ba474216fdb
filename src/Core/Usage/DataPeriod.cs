namespace Simkeeper.Core.Usage;

/// <summary>A SIM's running month: the data it has used, and the restriction of its data because a limit of its plan was reached.</summary>
/// <param name="Anchor">The first activation: the months begin on its day.</param>
/// <param name="Start">The start of the month.</param>
/// <param name="End">The start of the next month.</param>
/// <param name="Used">The use of this month, by place.</param>
/// <param name="Wanted">The restriction that follows from the use and the plan.</param>
/// <param name="InEffect">The restriction that the carrier has confirmed.</param>
/// <param name="Attempts">Calls to the carrier for the wanted restriction; below 0: see <see cref="IsRefused"/>.</param>
public sealed record DataPeriod(
    DateTimeOffset Anchor, DateTimeOffset Start, DateTimeOffset End, DataUse Used, DataRestriction Wanted, DataRestriction InEffect,
    int Attempts)
{
    /// <summary>The carrier will never set the wanted restriction. It is not asked again until another is wanted.</summary>
    public bool IsRefused => Attempts < 0;

    /// <summary>The month of a SIM that has no counted use yet.</summary>
    /// <param name="activated">Its first activation.</param>
    public static DataPeriod First(DateTimeOffset activated, DateTimeOffset now) =>
        new DataPeriod(activated < now ? activated : now, default, default, default, DataRestriction.Open, DataRestriction.Open, 0).At(now);

    /// <summary>The month that this moment lies in. Its use, and the restriction that follows, are to be decided anew.</summary>
    public DataPeriod At(DateTimeOffset now)
    {
        var (start, end) = DataLimit.Period(Anchor, now);
        return this with { Start = start, End = end };
    }

    /// <summary>The month with this use. A restriction that is newly wanted has not been tried yet.</summary>
    /// <param name="limit">Null: the SIM has no plan, and nothing is restricted.</param>
    public DataPeriod Decide(DataUse used, DataLimit? limit)
    {
        var wanted = limit?.For(used) ?? DataRestriction.Open;
        return this with { Used = used, Wanted = wanted, Attempts = wanted == Wanted ? Attempts : 0 };
    }

    /// <summary>The use of the month with these hours added. Hours before or after the month are left out.</summary>
    /// <param name="hours">Each with its start (milliseconds since 1970, UTC), its place, and its bytes.</param>
    public DataUse With(IEnumerable<(long Hour, string Roaming, long Bytes)> hours)
    {
        var (start, end) = (Start.ToUnixTimeMilliseconds(), End.ToUnixTimeMilliseconds());
        return hours.Where(hour => hour.Hour >= start && hour.Hour < end)
            .Aggregate(Used, (sum, hour) => sum.Plus(hour.Roaming, hour.Bytes));
    }

    /// <summary>
    /// True if the month has to be decided anew: it is over, or this use leads to another restriction than the wanted one.
    /// </summary>
    public bool MustBeDecided(DataUse used, DataLimit limit, DateTimeOffset now) => now >= End || limit.For(used) != Wanted;
}
