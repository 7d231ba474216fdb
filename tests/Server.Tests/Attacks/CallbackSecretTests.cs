using System.Text;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Passwords and tokens that users put into callback URLs.</summary>
[Attack]
public sealed class CallbackSecretTests
{
    private static readonly string[] Places =
    [
        "select callback_url from operations", "select callback_url from commands", "select remembered_url from sims",
        "select hooks from sims", "select url from deliveries", "select data from events",
    ];

    [Theory]
    [InlineData("POST")]
    [InlineData("GET")]
    public async Task They_lie_sealed_in_the_store_and_are_sent_whole(string method)
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var url = Secret(receiver.Url);
        var sim = await server.SimAsync("test");
        (string, string)[] callback = [("CallbackUrl", url), ("CallbackMethod", method)];

        (await server.Kore.FormAsync($"/v1/Sims/{sim}",
            [("Status", "ready"), ("RatePlan", "sandbox-plan"), ("CommandsCallbackUrl", url), .. callback])).Is(202);
        await server.UntilShownAsync(sim, "ready");
        await server.SendAsync(sim, [("DeliveryReceiptRequested", "false"), .. callback]);
        await server.SpeakAsync(sim);

        foreach (var got in await receiver.GotAsync(3))
        {
            Assert.Equal("Basic " + Convert.ToBase64String("joe:CANARY-word"u8), got.Headers["Authorization"]);
            Assert.StartsWith(receiver.Url + "/hook?token=CANARY-token", got.Url, StringComparison.Ordinal);
            var signed = got.Url.Replace("//", "//joe:CANARY-word@", StringComparison.Ordinal);
            Assert.Equal(TwilioSignature.Of("sandbox-token", signed, TwilioCallback.Parameters(Encoding.UTF8.GetBytes(got.Body))),
                got.Headers["X-Twilio-Signature"]);
        }
        foreach (var place in Places)
            Canaries.Check(place, string.Join('\n', Store.Rows(server, place)));
        Assert.NotEmpty(Store.Rows(server, "select 1 from sims where remembered_url is not null"));
    }

    [Fact]
    public async Task A_key_that_may_only_read_does_not_see_them_and_one_that_may_write_reads_back_what_it_wrote()
    {
        await using var server = await TestServer.StartAsync();
        var url = Secret("https://hooks.example.com");
        var sim = await server.SimAsync();
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("CommandsCallbackUrl", url), ("SmsUrl", url))).Is(200);
        var (id, secret) = await server.KeyAsync("kore", "read");
        var reader = server.Basic(id, secret);

        var written = (await server.Kore.FetchAsync($"/v1/Sims/{sim}")).Is(200);
        var read = (await reader.FetchAsync($"/v1/Sims/{sim}")).Is(200);
        var list = (await reader.FetchAsync("/v1/Sims")).Is(200);

        Assert.Equal((url, url), (written["commands_callback_url"], written["sms_url"]));
        Assert.Equal("https://joe:***@hooks.example.com/hook?token=***", read["commands_callback_url"]);
        Canaries.Check("sim", read.Text);
        Canaries.Check("list", list.Text);
    }

    [Fact]
    public async Task The_same_URL_again_is_no_change()
    {
        await using var server = await TestServer.StartAsync();
        var url = Secret("https://hooks.example.com");
        var sim = await server.SimAsync();
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("CommandsCallbackUrl", url))).Is(200);
        var events = (await server.EventsAsync(sim)).Count;

        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("CommandsCallbackUrl", url))).Is(200);

        Assert.Equal(events, (await server.EventsAsync(sim)).Count);
    }

    [Fact]
    public async Task A_URL_that_an_earlier_version_stored_in_clear_is_still_called()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var sim = await server.ServedAsync();
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("CommandsCallbackUrl", receiver.Url + "/hook"))).Is(200);
        Store.Execute(server, $$"""
            update sims set hooks = '{"commands_callback_url":"{{Secret(receiver.Url)}}"}' where hooks is not null
            """);

        await server.SpeakAsync(sim);

        Assert.Equal(receiver.Url + "/hook?token=CANARY-token", (await receiver.GotAsync(1))[0].Url);
        Canaries.Check("deliveries", string.Join('\n', Store.Rows(server, "select url from deliveries")));
    }

    private static string Secret(string url) =>
        url.Replace("//", "//joe:CANARY-word@", StringComparison.Ordinal) + "/hook?token=CANARY-token";
}
