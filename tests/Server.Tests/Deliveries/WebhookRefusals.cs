using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Gigs;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Deliveries;

public sealed class WebhookRefusals(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Account = $"\"account\":\"{TestServer.MasterSid}\"";

    [Theory]
    [InlineData("""{"url":"http://localhost/"}""", "missingValue", "account")]
    [InlineData("""{"account":"AC00000000000000000000000000000009","url":"http://localhost/"}""", "invalidValue", "account")]
    [InlineData($$"""{{{Account}}}""", "missingValue", "url")]
    [InlineData($$"""{{{Account}},"url":"/hook"}""", "invalidValue", "url")]
    [InlineData($$"""{{{Account}},"url":"ftp://localhost/"}""", "invalidValue", "url")]
    [InlineData($$"""{{{Account}},"url":"http://user:pass@localhost/"}""", "invalidValue", "url")]
    [InlineData($$"""{{{Account}},"url":"http://localhost/","events":[]}""", "invalidValue", "events")]
    [InlineData($$"""{{{Account}},"url":"http://localhost/","events":"*"}""", "invalidValue", "events")]
    [InlineData($$"""{{{Account}},"url":"http://localhost/","events":["com.gigs.sim.exploded"]}""", "invalidValue", "events")]
    [InlineData($$"""{{{Account}},"url":"http://localhost/","events":["com.gigs.nothing.*"]}""", "invalidValue", "events")]
    [InlineData($$"""{{{Account}},"url":"http://localhost/","ordered":"yes"}""", "invalidValue", "ordered")]
    [InlineData($$"""{{{Account}},"url":"http://localhost/","extra":1}""", "invalidValue", "extra")]
    public async Task What_cannot_be_an_endpoint_is_refused_by_name(string body, string code, string field)
    {
        var answer = (await sandbox.Server.Operator.JsonAsync(Hooks.Endpoints, body)).Is(400);

        Assert.Equal((code, field), (answer["code"], answer["field"]));
    }

    [Fact]
    public async Task An_unknown_event_is_answered_with_those_there_are()
    {
        var answer = (await sandbox.Server.Operator.JsonAsync(Hooks.Endpoints,
            $$"""{{{Account}},"url":"http://localhost/","events":["sim.updated"]}""")).Is(400);

        Assert.Contains("com.gigs.sim.updated", answer["detail"]);
        Assert.Contains("com.gigs.eSimProfile.disabled", answer["detail"]);
    }

    [Theory]
    [InlineData("http://example.com/", false, false)]
    [InlineData("http://example.com/", true, true)]
    [InlineData("https://example.com/", false, true)]
    public void Plain_http_is_for_the_sandbox(string url, bool inSandbox, bool taken) =>
        Assert.Equal(taken, ReceiverUrl.Check("url", url, inSandbox) is null);

    [Fact]
    public async Task An_account_has_a_bounded_number_of_endpoints()
    {
        var account = await sandbox.Server.AccountAsync();
        for (var number = 0; number < WebhookEndpoints.CountMax; number++)
            await sandbox.Server.HookAsync($"http://localhost/{number}", account.Sid);

        var body = TestJson.Text(new { account = account.Sid, url = "http://localhost/", events = (string[])["*"] });
        var answer = (await sandbox.Server.Operator.JsonAsync(Hooks.Endpoints, body)).Is(409);

        Assert.Equal("stateForbids", answer["code"]);
        var list = (await sandbox.Server.Operator.FetchAsync($"{Hooks.Endpoints}?account={account.Sid}&limit=500")).Is(200);
        Assert.Equal(WebhookEndpoints.CountMax, list.Items.Length);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    [InlineData("POST", "/enable")]
    [InlineData("POST", "/rotate-secret")]
    [InlineData("POST", "/test")]
    public async Task An_endpoint_that_does_not_exist_is_404(string method, string action) =>
        (await sandbox.Server.Operator.CallAsync(method, $"{Hooks.Endpoints}/we_0000000000000000000000{action}")).Is(404);
}
