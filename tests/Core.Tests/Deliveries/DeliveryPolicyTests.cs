using Simkeeper.Core.Deliveries;

namespace Simkeeper.Core.Tests.Deliveries;

public sealed class DeliveryPolicyTests
{
    [Fact]
    public void Durable_tries_eight_times_over_more_than_a_day()
    {
        TimeSpan[] waits =
        [
            TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
            TimeSpan.FromHours(10), TimeSpan.FromHours(10),
        ];

        for (var attempts = 1; attempts <= waits.Length; attempts++)
        {
            Assert.Equal((DeliveryState.Pending, waits[attempts - 1]), DeliveryPolicy.Durable.After(attempts, 500, null, 0));
            var (_, latest) = DeliveryPolicy.Durable.After(attempts, null, null, 0.999);
            Assert.InRange(latest, waits[attempts - 1] * 1.09, waits[attempts - 1] * 1.1);
        }
        Assert.Equal(DeliveryState.Dead, DeliveryPolicy.Durable.After(waits.Length + 1, 500, null, 0).State);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(299)]
    public void Any_2xx_is_success(int status)
    {
        Assert.Equal(DeliveryState.Delivered, DeliveryPolicy.Durable.After(1, status, TimeSpan.FromHours(1), 0).State);
        Assert.Equal(DeliveryState.Delivered, DeliveryPolicy.Faithful.After(2, status, null, 0).State);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(304)]
    [InlineData(404)]
    [InlineData(429)]
    public void Durable_tries_again_after_every_other_status_but_410(int status)
    {
        Assert.Equal(DeliveryState.Pending, DeliveryPolicy.Durable.After(1, status, null, 0).State);
        Assert.Equal(DeliveryState.Dead, DeliveryPolicy.Durable.After(1, 410, TimeSpan.FromSeconds(5), 0).State);
    }

    [Theory]
    [InlineData(-60, 1)]
    [InlineData(0, 1)]
    [InlineData(90, 90)]
    [InlineData(36_000, 36_000)]
    [InlineData(1e9, 36_000)]
    public void Durable_waits_as_long_as_the_receiver_asks_between_a_second_and_ten_hours(double asked, double seconds) =>
        Assert.Equal((DeliveryState.Pending, TimeSpan.FromSeconds(seconds)),
            DeliveryPolicy.Durable.After(1, 503, TimeSpan.FromSeconds(asked), 0));

    [Fact]
    public void To_ask_for_another_time_gives_no_more_attempts() =>
        Assert.Equal(DeliveryState.Dead, DeliveryPolicy.Durable.After(8, 503, TimeSpan.FromSeconds(5), 0).State);

    [Theory]
    [InlineData(null, true)]
    [InlineData(408, true)]
    [InlineData(423, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(302, false)]
    [InlineData(404, false)]
    [InlineData(410, false)]
    [InlineData(429, false)]
    public void Faithful_tries_once_more_after_what_KORE_names(int? status, bool again)
    {
        Assert.Equal(again ? DeliveryState.Pending : DeliveryState.Dead, DeliveryPolicy.Faithful.After(1, status, null, 0).State);
        Assert.Equal(DeliveryState.Dead, DeliveryPolicy.Faithful.After(2, status, null, 0).State);
    }

    [Fact]
    public void Faithful_does_not_listen_to_Retry_After() =>
        Assert.Equal(TimeSpan.FromSeconds(1), DeliveryPolicy.Faithful.After(1, 503, TimeSpan.FromHours(1), 0).Wait);
}
