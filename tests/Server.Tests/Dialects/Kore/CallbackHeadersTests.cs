using System.Globalization;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class CallbackHeadersTests
{
    [Theory]
    [InlineData(null, "KoreProxy/1.1")]
    [InlineData("TwilioProxy/1.1", "TwilioProxy/1.1")]
    public async Task A_callback_has_the_vendors_date_agent_and_both_tokens(string? setting, string agent)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var server = await TestServer.StartAsync(
            setting is null ? null : new Dictionary<string, string?> { ["Kore:UserAgent"] = setting });
        var sim = await server.SimAsync();
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "new"), ("CallbackUrl", receiver.Url))).Is(200);

        var headers = (await receiver.GotAsync(1))[0].Headers;

        Assert.True(DateTimeOffset.TryParseExact(headers["date"], "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out var date), headers["date"]);
        Assert.InRange(date, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
        Assert.Equal(agent, headers["user-agent"]);
        Assert.Equal(headers["kore-idempotency-token"], headers["I-Twilio-Idempotency-Token"]);
    }

    [Fact]
    public async Task A_user_agent_that_no_header_can_hold_is_refused_at_the_start()
    {
        var refused = await Assert.ThrowsAsync<StartException>(() =>
            TestServer.StartAsync(new Dictionary<string, string?> { ["Kore:UserAgent"] = "a\r\nb: c" }));
        Assert.Contains("Kore:UserAgent", refused.Message, StringComparison.Ordinal);
    }
}
