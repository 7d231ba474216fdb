using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Deliveries;

public sealed class WebhookHeadersTests
{
    [Fact]
    public async Task A_webhook_carries_its_three_headers_under_both_names_also_when_it_is_sent_again()
    {
        await using var receiver = await Receiver.StartAsync((number, context) =>
        {
            context.Response.StatusCode = number == 1 ? 500 : 200;
            return Task.CompletedTask;
        });
        await using var server = await TestServer.StartAsync();
        var hook = await server.HookAsync(receiver.Url);

        await server.SimAsync("test");
        await receiver.GotAsync(1);
        (await server.Operator.JsonAsync("/operator/v1/clock/advance", """{"by":"1m"}""")).Is(200);

        foreach (var got in await receiver.GotAsync(2))
        {
            foreach (var name in new[] { "id", "timestamp", "signature" })
                Assert.Equal(got.Headers[$"webhook-{name}"], got.Headers[$"svix-{name}"]);
            Assert.Equal(got.Signature(hook.Secret), got.Headers["svix-signature"]);
        }
    }
}
