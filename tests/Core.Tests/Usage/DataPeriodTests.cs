using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;

namespace Simkeeper.Core.Tests.Usage;

public sealed class DataPeriodTests
{
    private static readonly DateTimeOffset Activated = Time("2026-01-31T15:00:00Z");
    private static readonly DataLimit Limit = new(Home: 10, National: 5, International: 0, DataLimitStrategy.Block);

    [Theory]
    [InlineData("2026-01-31T15:00:00Z", "2026-01-31", "2026-02-28")]
    [InlineData("2026-02-27T23:59:59Z", "2026-01-31", "2026-02-28")]
    [InlineData("2026-02-28T00:00:00Z", "2026-02-28", "2026-03-31")]
    [InlineData("2026-03-30T12:00:00Z", "2026-02-28", "2026-03-31")]
    [InlineData("2027-02-28T00:00:00Z", "2027-02-28", "2027-03-31")]
    [InlineData("2028-02-28T23:00:00Z", "2028-01-31", "2028-02-29")]
    public void Months_begin_on_the_day_of_the_first_activation_or_on_the_last_of_a_shorter_month(string now, string start, string end)
    {
        var period = DataPeriod.First(Activated, Activated).At(Time(now));

        Assert.Equal((Activated, Time(start), Time(end)), (period.Anchor, period.Start, period.End));
    }

    [Fact]
    public void The_first_month_begins_open_and_not_later_than_now()
    {
        var period = DataPeriod.First(Activated.AddDays(3), Activated);

        Assert.Equal((Activated, new DataUse(), DataRestriction.Open, DataRestriction.Open, 0),
            (period.Anchor, period.Used, period.Wanted, period.InEffect, period.Attempts));
    }

    [Fact]
    public void Use_counts_where_it_was_made_and_only_in_its_month()
    {
        var period = DataPeriod.First(Activated, Activated) with { Used = new DataUse(1, 2, 3) };
        var (start, end) = (period.Start.ToUnixTimeMilliseconds(), period.End.ToUnixTimeMilliseconds());

        var used = period.With(
            [(start - 1, Roaming.Home, 100), (start, Roaming.Home, 10), (end - 1, Roaming.National, 20),
                (start, "FRA", 30), (end, "FRA", 100)]);

        Assert.Equal(new DataUse(11, 22, 33), used);
    }

    [Fact]
    public void What_is_wanted_follows_from_use_and_plan_and_what_is_wanted_anew_was_not_tried_yet()
    {
        var open = DataPeriod.First(Activated, Activated) with { Attempts = 2 };
        var used = new DataUse(10 * DataLimit.Megabyte, 0, 0);

        var blocked = open.Decide(used, Limit);
        var still = (blocked with { Attempts = 7 }).Decide(used, Limit);

        Assert.Equal(("block home", 0, used), ($"{blocked.Wanted}", blocked.Attempts, blocked.Used));
        Assert.Equal(("block home", 7), ($"{still.Wanted}", still.Attempts));
        Assert.Equal("open", $"{still.Decide(used, null).Wanted}");
        Assert.Equal("throttle home", $"{still.Decide(used, Limit with { Strategy = DataLimitStrategy.Throttle }).Wanted}");
        Assert.Equal("block home,national,international", $"{open.Decide(default, Limit with { DataEnabled = false }).Wanted}");
        Assert.Equal(DataRestriction.Open, still.InEffect);
    }

    [Fact]
    public void It_must_be_decided_anew_when_the_month_is_over_or_the_use_comes_to_something_else()
    {
        var period = DataPeriod.First(Activated, Activated);

        Assert.False(period.MustBeDecided(new DataUse(1, 1, 0), Limit, Activated));
        Assert.True(period.MustBeDecided(new DataUse(1, 1, 1), Limit, Activated));
        Assert.False(period.MustBeDecided(default, Limit, period.End.AddMilliseconds(-1)));
        Assert.True(period.MustBeDecided(default, Limit, period.End));
    }

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);
}
