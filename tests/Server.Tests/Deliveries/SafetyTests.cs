using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Deliveries;

/// <summary>Nobody makes the server call its own network by giving it a callback URL.</summary>
public sealed class SafetyTests
{
    private static readonly AddressRules Strict = new(false, []);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("017700000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("127.1")]
    [InlineData("127.0.0.1.")]
    [InlineData("１２７.0.0.1")]
    [InlineData("127。0。0。1")]
    [InlineData("0.0.0.0")]
    [InlineData("0")]
    [InlineData("[::1]")]
    [InlineData("[::]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[0:0:0:0:0:ffff:7f00:0001]")]
    [InlineData("[::127.0.0.1]")]
    [InlineData("[64:ff9b::127.0.0.1]")]
    [InlineData("[2002:7f00:1::]")]
    [InlineData("localhost")]
    [InlineData("localhost.")]
    [InlineData("user@127.0.0.1")]
    public async Task Loopback_is_refused_however_it_is_spelt(string host)
    {
        await using var receiver = await Receiver.StartAsync();

        var refused = await Record.ExceptionAsync(() => SendAsync(Strict, ToLoopback, $"http://{host}:{new Uri(receiver.Url).Port}/"));

        Assert.IsType<AddressRefusedException>(Assert.IsType<HttpRequestException>(refused).InnerException);
        Assert.Empty(receiver.All);
    }

    [Fact]
    public async Task A_name_is_checked_at_each_connection_and_what_was_checked_is_what_is_connected_to()
    {
        await using var receiver = await Receiver.StartAsync((_, context) =>
        {
            context.Response.Headers.Connection = "close";
            return Task.CompletedTask;
        }, "0.0.0.0");
        // 127.0.0.1 stands for a public address: the name has it first, and another that is not allowed later.
        var rules = new AddressRules(false, [IPNetwork.Parse("127.0.0.1/32")]);
        var answers = new Queue<IPAddress[]>([[IPAddress.Loopback], [IPAddress.Parse("127.0.0.2")]]);
        Task<IPAddress[]> Rebinding(string name, CancellationToken stop) => Task.FromResult(answers.Dequeue());
        using var http = new HttpMessageInvoker(Transport(rules, Rebinding));
        var url = $"http://rebinding.example:{new Uri(receiver.Url).Port}/";

        Assert.Equal(HttpStatusCode.OK, await SendAsync(http, url));
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(http, url));

        Assert.Contains("127.0.0.2", Assert.IsType<AddressRefusedException>(refused.InnerException).Message, StringComparison.Ordinal);
        Assert.Empty(answers);
        Assert.Single(receiver.All);
    }

    [Fact]
    public async Task Of_several_addresses_only_the_allowed_are_connected_to()
    {
        await using var receiver = await Receiver.StartAsync((_, context) =>
            context.Response.WriteAsync(context.Connection.LocalIpAddress!.ToString()), "0.0.0.0");
        var rules = new AddressRules(false, [IPNetwork.Parse("127.0.0.3/32")]);
        using var http = new HttpMessageInvoker(Transport(rules, (_, _) =>
            Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.2"), IPAddress.IPv6Loopback, IPAddress.Parse("127.0.0.3")])));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://several.example:{new Uri(receiver.Url).Port}/");

        using var response = await http.SendAsync(request, Cancelled);

        Assert.Equal("127.0.0.3", await response.Content.ReadAsStringAsync(Cancelled));
    }

    [Theory]
    [InlineData("http://metadata.example/", "100.64.0.1")]
    [InlineData("http://169.254.169.254/latest/meta-data/", "169.254.169.254")]
    public async Task A_refused_address_is_an_attempt_that_says_so(string url, string address)
    {
        await using var server = await TestServer.StartAsync(
            seams: Seams.None with { Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("100.64.0.1")]) });
        var sid = await server.SimAsync();

        (await server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "new"), ("CallbackUrl", url))).Is(200);

        Assert.Equal([$"1|||The address {address} is not allowed (loopback, private or reserved); Deliveries:AllowedRanges can allow it."],
            await server.AttemptsAsync(sid, 1));
    }

    [Fact]
    public async Task Outside_a_sandbox_a_callback_goes_to_https_and_to_no_local_address()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Sandbox:Enabled"] = "false" });
        var credentials = System.Text.Json.JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(server.Data, "credentials.json"), Cancelled)).RootElement;
        string Credential(string name) => credentials.GetProperty(name).GetString()!;
        var (kore, operators) = (server.Basic(Credential("accountSid"), Credential("authToken")), server.Bearer(Credential("operatorKey")));
        await operators.ImportRowsAsync("iccid,provider", [$"{Fleet.Iccid()},lab"], Credential("accountSid"));
        var sid = (await kore.FetchAsync("/v1/Sims")).Json.GetProperty("sims")[0].GetProperty("sid").GetString()!;

        var refused = (await kore.FormAsync($"/v1/Sims/{sid}", ("Status", "new"), ("CallbackUrl", receiver.Url))).Is(400);
        (await kore.FormAsync($"/v1/Sims/{sid}", ("Status", "new"),
            ("CallbackUrl", receiver.Url.Replace("http:", "https:", StringComparison.Ordinal)))).Is(200);

        Assert.Equal("33101", refused["code"]);
        Assert.Contains("https", refused["message"], StringComparison.Ordinal);
        Assert.Contains("The address 127.0.0.1 is not allowed", (await server.AttemptsAsync(sid, 1))[0], StringComparison.Ordinal);
        Assert.Empty(receiver.All);
    }

    [Fact]
    public async Task Credentials_in_a_URL_go_as_Basic_and_are_in_no_error()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var (sid, other) = (await server.SimAsync(), await server.SimAsync());

        (await server.Kore.FormAsync($"/v1/Sims/{sid}",
            ("Status", "new"), ("CallbackUrl", receiver.Url.Replace("//", "//joe:CANARY%20word@", StringComparison.Ordinal) + "/hook")))
            .Is(200);
        (await server.Kore.FormAsync($"/v1/Sims/{other}", ("Status", "new"), ("CallbackUrl", "http://joe:CANARY@127.0.0.1:1/"))).Is(200);

        var got = (await receiver.GotAsync(1))[0];
        Assert.Equal(receiver.Url + "/hook", got.Url);
        Assert.Equal("Basic " + Convert.ToBase64String("joe:CANARY word"u8), got.Headers["Authorization"]);
        Canaries.Check("attempt", (await server.AttemptsAsync(other, 1))[0]);
    }

    [Theory]
    [InlineData("//joe:CANARY%20word@", "//joe:***@")]
    [InlineData("//CANARY@", "//***@")]
    [InlineData("//:CANARY@", "//***@")]
    public async Task What_stands_before_the_at_sign_of_a_URL_is_shown_to_no_operator_and_not_logged(string given, string shown)
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var sid = await server.SimAsync();
        var hook = receiver.Url + "/hook?a=1";
        using var request = new HttpRequestMessage(HttpMethod.Get, "/operator/v1/stream");
        request.Headers.Add("Last-Event-ID", "dlv_" + new string('0', 22));

        var called = hook.Replace("//", given, StringComparison.Ordinal);
        (await server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "new"), ("CallbackUrl", called))).Is(200);

        Assert.Contains("Authorization", (await receiver.GotAsync(1))[0].Headers.Keys);
        var list = (await server.Operator.FetchAsync($"/operator/v1/deliveries?sim={sid}")).Is(200);
        Canaries.Check("list", list.Text);
        Assert.Equal(hook.Replace("//", shown, StringComparison.Ordinal), list.Items[0].GetProperty("url").GetString());
        var cancelled = TestContext.Current.CancellationToken;
        using var stream = await server.Operator.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancelled);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(cancelled));
        string? line;
        do
            line = await lines.ReadLineAsync(cancelled);
        while (line?.Contains("\"url\"", StringComparison.Ordinal) is false);
        Canaries.Check("stream", line!);
        Assert.DoesNotContain("Authorization", line, StringComparison.OrdinalIgnoreCase);
        Canaries.Check(server.Log);
    }

    [Fact]
    public async Task No_proxy_of_the_surroundings_is_used_and_nothing_else_is_added_to_a_request()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var server = await TestServer.StartAsync();
        var sid = await server.SimAsync();

        (await server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "new"), ("CallbackUrl", receiver.Url))).Is(200);

        Assert.Equal(["Content-Length", "Content-Type", "Date", "Host", "I-Twilio-Idempotency-Token", "User-Agent", "X-Twilio-Signature",
            "kore-idempotency-token", "kore-signature"],
            (await receiver.GotAsync(1))[0].Headers.Keys.Order(StringComparer.Ordinal));
        Assert.False(Transport(Strict, Dns.GetHostAddressesAsync).UseProxy);
    }

    /// <summary>Addresses that some resolvers make of names that look like numbers.</summary>
    private static Task<IPAddress[]> ToLoopback(string name, CancellationToken stop) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]);

    private static SocketsHttpHandler Transport(AddressRules rules, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
    {
        var settings = new Settings(new ConfigurationBuilder().Build());
        return ReceiverTransport.Create(rules, new DeliverySettings(settings, new SandboxSettings(settings, new HttpSettings(settings))),
            new ReceiverConnections(8), (name, _, stop) => resolve(name, stop));
    }

    private static async Task SendAsync(AddressRules rules, Func<string, CancellationToken, Task<IPAddress[]>> resolve, string url)
    {
        using var http = new HttpMessageInvoker(Transport(rules, resolve));
        await SendAsync(http, url);
    }

    private static async Task<HttpStatusCode> SendAsync(HttpMessageInvoker http, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        using var response = await http.SendAsync(request, Cancelled);
        return response.StatusCode;
    }
}
