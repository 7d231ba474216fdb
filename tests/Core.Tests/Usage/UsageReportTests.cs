using Simkeeper.Core.Usage;

namespace Simkeeper.Core.Tests.Usage;

public sealed class UsageReportTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private static readonly UsageReport Right = new()
    {
        Session = "s",
        Start = Noon,
        At = Noon,
        Uploaded = 1,
        Downloaded = 2,
        Mcc = "262",
        Mnc = "01",
        Radio = "LTE",
        Imei = "490154203237518",
    };

    [Fact]
    public void A_report_in_which_nothing_is_wrong_stays_as_it_is()
    {
        var (report, dropped) = Right.WithoutWrong();

        Assert.Same(Right, report);
        Assert.Empty(dropped);
        Assert.Null(report.Check(Noon, TimeSpan.FromDays(1)));
    }

    [Theory]
    [InlineData("262", "01", "LTE", "490154203237510", "imei")]
    [InlineData("262", "01", "LTE", "4901542032375101", "")]
    [InlineData("262", "01", "", "490154203237518", "radio")]
    [InlineData("262", "01", "é", "490154203237518", "radio")]
    [InlineData("2620", "01", "LTE", null, "mcc,mnc")]
    [InlineData("262", "0", "LTE", null, "mcc,mnc")]
    [InlineData("26٢", "01", "LTE", null, "mcc,mnc")]
    [InlineData(null, "01", "LTE", null, "mnc")]
    [InlineData("262", null, "LTE", null, "mcc")]
    [InlineData("x", "y", "\n", "z", "mcc,mnc,radio,imei")]
    public void What_is_wrong_beside_the_counters_is_dropped_and_named(string? mcc, string? mnc, string? radio, string? imei, string named)
    {
        var (report, dropped) = (Right with { Mcc = mcc, Mnc = mnc, Radio = radio, Imei = imei }).WithoutWrong();

        Assert.Equal(named, string.Join(',', dropped.Select(error => error.Field)));
        Assert.All(dropped, error => Assert.Equal(ErrorCode.InvalidValue, error.Code));
        string? Kept(string field, string? value) => named.Split(',').Contains(field) ? null : value;
        Assert.Equal(Right with { Mcc = Kept("mcc", mcc), Mnc = Kept("mnc", mnc), Radio = Kept("radio", radio), Imei = Kept("imei", imei) },
            report);
        Assert.Equal((report, []), report.WithoutWrong());
    }
}
