using System.Net;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Hosting;

[SqliteOnly]
public sealed class PerMinuteTests
{
    private readonly MovableTime _wall = MovableTime.Standing;

    [Fact]
    public void However_many_others_there_are_nobody_s_count_begins_anew_before_the_minute_is_over()
    {
        var counts = new PerMinute(600, _wall);
        for (var i = 0; i < 600; i++)
            Assert.Null(counts.Count("one"));
        Assert.Equal(60, counts.Count("one"));

        // Few of them share its place.
        Assert.InRange(Enumerable.Range(0, 300_000).Count(other => counts.Count(other) is not null), 0, 50);

        Assert.Equal(60, counts.Count("one"));
        _wall.Pass(TimeSpan.FromSeconds(59.5));
        Assert.Equal(1, counts.Wait("one"));
        _wall.Pass(TimeSpan.FromSeconds(0.5));
        Assert.Null(counts.Wait("one"));
        Assert.Null(counts.Count("one"));
    }

    [Fact]
    public void A_clock_that_is_set_back_or_ahead_makes_nobody_wait_longer_or_shorter()
    {
        var counts = new PerMinute(1, _wall);
        Assert.Null(counts.Count("one"));
        Assert.NotNull(counts.Count("one"));

        _wall.Move(TimeSpan.FromHours(2));
        Assert.NotNull(counts.Count("one"));
        _wall.Move(TimeSpan.FromHours(-3));
        Assert.NotNull(counts.Count("one"));
        _wall.Pass(TimeSpan.FromMinutes(1));

        Assert.Null(counts.Count("one"));
    }

    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void An_IPv4_address_is_one_caller_and_of_IPv6_the_network_is(string one, string other, bool isOne) =>
        Assert.Equal(isOne, PerMinute.Caller(IPAddress.Parse(one)) == PerMinute.Caller(IPAddress.Parse(other)));
}
