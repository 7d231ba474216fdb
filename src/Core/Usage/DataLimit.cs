using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Usage;

/// <summary>The bytes, up and down, of one period: at home, in the home country and abroad.</summary>
public readonly record struct DataUse(long Home, long National, long International)
{
    /// <summary>The use with bytes added that were used in this place (<see cref="Roaming.Of"/>).</summary>
    public DataUse Plus(string roaming, long bytes) => roaming switch
    {
        Roaming.Home => this with { Home = Sum.Of(Home, bytes) },
        Roaming.National => this with { National = Sum.Of(National, bytes) },
        _ => this with { International = Sum.Of(International, bytes) },
    };
}

/// <summary>The data limits of a rate plan for a month (RatePlan page, <c>DataLimit</c> and its two like), in megabytes.</summary>
/// <param name="Home">On the home network.</param>
/// <param name="National">On other networks of the home country.</param>
/// <param name="International">Abroad.</param>
/// <param name="Strategy">The action where a limit is reached.</param>
/// <param name="DataEnabled">False if the plan has no data: all of it is blocked.</param>
public sealed record DataLimit(long Home, long National, long International, DataLimitStrategy Strategy, bool DataEnabled = true)
{
    /// <summary>Bytes of a megabyte.</summary>
    public const long Megabyte = 1_000_000;

    /// <summary>Gives the month that a moment lies in, counted from the day of activation, UTC.</summary>
    /// <param name="anchor">The day of activation.</param>
    public static (DateTimeOffset Start, DateTimeOffset End) Period(DateTimeOffset anchor, DateTimeOffset now)
    {
        var first = new DateTimeOffset(anchor.UtcDateTime.Date, TimeSpan.Zero);
        var months = ((now.UtcDateTime.Year - first.Year) * 12) + now.UtcDateTime.Month - first.Month;
        // A month that is too short for the day of activation begins on its last day.
        if (first.AddMonths(months) > now)
            months--;
        return (first.AddMonths(months), first.AddMonths(months + 1));
    }

    /// <summary>
    /// Gives the restriction that follows from this use: a place whose limit is reached, or all data on a plan without data.
    /// </summary>
    public DataRestriction For(DataUse use) => DataEnabled
        ? new(Strategy, Reached(use.Home, Home), Reached(use.National, National), Reached(use.International, International))
        : DataRestriction.Everywhere;

    /// <summary>A place without any use has reached no limit, not even a limit of 0.</summary>
    private static bool Reached(long bytes, long megabytes) => bytes > 0 && bytes >= megabytes * Megabyte;
}

/// <summary>The places where a SIM's data is blocked or throttled. A SIM with nothing restricted is open.</summary>
public readonly record struct DataRestriction
{
    /// <summary>Nothing is restricted.</summary>
    public static readonly DataRestriction Open;

    /// <summary>All data is blocked.</summary>
    public static readonly DataRestriction Everywhere = new(DataLimitStrategy.Block, home: true, national: true, international: true);

    /// <param name="strategy">Blocked or throttled. Ignored if nothing is restricted.</param>
    /// <param name="home">On the home network.</param>
    /// <param name="national">On other networks of the home country.</param>
    /// <param name="international">Abroad.</param>
    public DataRestriction(DataLimitStrategy strategy, bool home, bool national, bool international) =>
        (Throttled, Home, National, International) =
        (strategy == DataLimitStrategy.Throttle && (home || national || international), home, national, international);

    public bool Throttled { get; }
    public bool Home { get; }
    public bool National { get; }
    public bool International { get; }

    /// <summary>True if any data is blocked.</summary>
    public bool Blocked => this != Open && !Throttled;

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static DataRestriction Parse(string text) => new(
        text.StartsWith("throttle", StringComparison.Ordinal) ? DataLimitStrategy.Throttle : DataLimitStrategy.Block,
        text.Contains("home", StringComparison.Ordinal), text.Contains(" national", StringComparison.Ordinal)
            || text.Contains(",national", StringComparison.Ordinal), text.Contains("international", StringComparison.Ordinal));

    /// <summary><c>open</c>, or <c>block</c> or <c>throttle</c> and the places: <c>block home,international</c>.</summary>
    public override string ToString()
    {
        string?[] where = [Home ? "home" : null, National ? "national" : null, International ? "international" : null];
        return this == Open ? "open" : $"{(Throttled ? "throttle" : "block")} {string.Join(',', where.Where(area => area is not null))}";
    }
}
