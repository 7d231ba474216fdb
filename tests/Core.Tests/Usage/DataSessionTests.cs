using FsCheck;
using FsCheck.Fluent;
using Simkeeper.Core.Usage;

namespace Simkeeper.Core.Tests.Usage;

public sealed class DataSessionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly DataSession Unknown =
        DataSession.New(Guid.Empty, Guid.Parse("00000000-0000-0000-0000-0000000000aa"), "s", Noon);

    [Fact]
    public void Of_what_may_change_the_latest_word_counts()
    {
        var session = Unknown
            .With(Report(2) with { Mcc = "262", Mnc = "01", Radio = "LTE", Imei = "490154203237518" })
            .With(Report(1) with { Mcc = "208", Mnc = "20", Radio = "GSM", Imei = "352099001761481" })
            .With(Report(3) with { Radio = "NR" });

        Assert.Equal(("262", "01", "NR", "490154203237518"), (session.Mcc, session.Mnc, session.Radio, session.Imei));
        Assert.Equal((At(2), At(3), At(2)), (session.NetworkAt, session.RadioAt, session.ImeiAt));
    }

    [Fact]
    public void It_starts_at_the_earliest_start_ends_at_the_latest_end_and_was_reported_last_at_the_latest_report()
    {
        var session = Unknown
            .With(Report(5) with { Start = At(-1), End = At(4) })
            .With(Report(3) with { Start = At(-2), End = At(2) })
            .With(Report(4));

        Assert.Equal((At(-2), At(4), At(5)), (session.Start, session.End, session.ReportedAt));
    }

    [Fact]
    public void Times_are_kept_in_whole_milliseconds()
    {
        var session = Unknown.With(
            Report(0) with { Start = Noon.AddTicks(1), At = Noon.AddTicks(9999), End = Noon.AddTicks(10_001), Radio = "LTE" });

        Assert.Equal((Noon, Noon, Noon.AddMilliseconds(1), Noon), (session.Start, session.ReportedAt, session.End, session.RadioAt));
    }

    [Fact]
    public void The_order_of_the_reports_does_not_matter_nor_how_often_they_come()
    {
        var reports =
            from minute in Gen.Choose(0, 3)
            from start in Gen.Choose(-2, 0)
            from ends in Gen.Elements(true, false)
            from network in Gen.Elements<string?>(null, "01", "20")
            from radio in Gen.Elements<string?>(null, "", "LTE", "NR")
            from imei in Gen.Elements<string?>(null, "490154203237518", "352099001761481")
            select Report(minute) with
            {
                Start = At(start),
                End = ends ? At(minute) : null,
                Mcc = network is null ? null : "262",
                Mnc = network,
                Radio = radio,
                Imei = imei,
            };
        var cases =
            from all in reports.ArrayOf()
            from shuffled in Gen.Shuffle(all.Concat(all.Take(2)).ToArray())
            select (all, shuffled);

        Prop.ForAll(cases.ToArbitrary(), pair =>
            pair.all.Aggregate(Unknown, (session, report) => session.With(report))
                == pair.shuffled.Aggregate(Unknown, (session, report) => session.With(report))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Its_id_follows_from_SIM_name_and_first_start_and_sorts_by_the_start()
    {
        var again = DataSession.New(Guid.CreateVersion7(), Unknown.SimId, "s", Noon);
        var later = DataSession.New(Guid.Empty, Unknown.SimId, "s", Noon.AddMilliseconds(1));

        Assert.Equal(Unknown.Id, again.Id);
        Assert.NotEqual(Unknown.Id, DataSession.New(Guid.Empty, Unknown.SimId, "t", Noon).Id);
        Assert.NotEqual(Unknown.Id, DataSession.New(Guid.Empty, Guid.Parse("00000000-0000-0000-0000-0000000000bb"), "s", Noon).Id);
        Assert.Equal((7, Noon), (Unknown.Id.Version, Ids.CreatedAt(Unknown.Id)));
        Assert.Equal([DataSession.FirstIdOf(Noon), Unknown.Id, DataSession.FirstIdOf(Noon.AddMilliseconds(1)), later.Id],
            new[] { later.Id, DataSession.FirstIdOf(Noon.AddMilliseconds(1)), Unknown.Id, DataSession.FirstIdOf(Noon) }
                .OrderBy(id => id.ToString(), StringComparer.Ordinal));
    }

    private static DateTimeOffset At(int minute) => Noon.AddMinutes(minute);

    private static UsageReport Report(int minute) =>
        new() { Session = "s", Start = Noon, At = At(minute), Uploaded = 0, Downloaded = 0 };
}
