using System.Globalization;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Deliveries;

public sealed class PolicyTests
{
    [Theory]
    [InlineData("Deliveries:Policy")]
    [InlineData($"Deliveries:Accounts:{TestServer.MasterSid}:Policy")]
    public async Task Faithful_tries_once_more_and_then_never(string setting)
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { [setting] = "faithful" });
        await using var receiver = await AnsweringAsync(503);
        var sid = await server.SimAsync();
        await server.FreezeAsync();

        await CallBackAsync(server, sid, receiver.Url);
        await server.AttemptsAsync(sid, 1);
        await server.AdvanceAsync("48h");

        Assert.Equal(["dead|2"], Deliveries(server, sid));
        Assert.Equal(2, receiver.All.Count);
    }

    [Fact]
    public async Task An_account_of_its_own_policy_leaves_the_others_theirs()
    {
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { [$"Deliveries:Accounts:{TestServer.SubaccountSid}:Policy"] = "faithful" });
        await using var receiver = await AnsweringAsync(404);
        var (master, sub) = (await server.SimAsync(), await server.SimAsync(account: TestServer.SubaccountSid));

        await CallBackAsync(server, master, receiver.Url);
        await CallBackAsync(server, sub, receiver.Url);
        await server.AttemptsAsync(master, 1);
        await server.AttemptsAsync(sub, 1);

        Assert.Equal(["pending|1"], Deliveries(server, master));
        Assert.Equal(["dead|1"], Deliveries(server, sub));
    }

    [Theory]
    [InlineData("7200", 7200)]
    [InlineData("0", 1)]
    [InlineData("999999", 36_000)]
    [InlineData("soon", 5)]
    public async Task A_receiver_says_in_seconds_when_to_come_again(string retryAfter, int seconds)
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await AnsweringAsync(503, () => retryAfter);

        await WaitsAsync(server, receiver, TimeSpan.FromSeconds(seconds), TimeSpan.Zero);
    }

    [Fact]
    public async Task A_receiver_says_by_a_date_when_to_come_again()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver =
            await AnsweringAsync(429, () => DateTimeOffset.UtcNow.AddHours(3).ToString("R", CultureInfo.InvariantCulture));

        await WaitsAsync(server, receiver, TimeSpan.FromHours(3), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Gone_ends_it_at_once()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await AnsweringAsync(410);
        var sid = await server.SimAsync();

        await CallBackAsync(server, sid, receiver.Url);

        Assert.Equal(["1|410||The receiver answered 410."], await server.AttemptsAsync(sid, 1));
        Assert.Equal(["dead|1"], Deliveries(server, sid));
        Assert.Empty(Store.Rows(server, "select 1 from jobs where kind = 'delivery'"));
    }

    [Fact]
    public async Task Where_the_account_has_a_secret_KOREs_signature_is_made_by_its_active_one()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await AnsweringAsync(200);
        var sid = await server.SimAsync();
        var subaccount = server.Basic(TestServer.SubaccountSid, "sandbox-token-2");
        var secret = await MadeAsync(server.Kore);
        foreach (var (account, status) in new[] { (server.Kore, "pending"), (subaccount, "active") })
            Assert.Equal(status, (await MadeAsync(account))["status"]);

        await CallBackAsync(server, sid, receiver.Url + "/hook?a=1");

        var got = (await receiver.GotAsync(1))[0];
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes($"{secret["secret"]}POST{receiver.Url}/hook{got.Body}"))), got.Headers["kore-signature"]);

        static async Task<Answer> MadeAsync(HttpClient account) => (await account.JsonAsync("/v1/secrets", """{"Name":"n"}""")).Is(201);
    }

    /// <summary>The job of the second attempt waits that long, and at most a tenth more.</summary>
    private static async Task WaitsAsync(TestServer server, Receiver receiver, TimeSpan wait, TimeSpan less)
    {
        var sid = await server.SimAsync();
        var now = await server.FreezeAsync();
        await CallBackAsync(server, sid, receiver.Url);
        await server.AttemptsAsync(sid, 1);
        var due = DateTimeOffset.FromUnixTimeMilliseconds(
            long.Parse(Store.Rows(server, "select due_at from jobs where kind = 'delivery'").Single()));
        Assert.InRange(due - now, wait - less, (wait * 1.1) + TimeSpan.FromSeconds(1));
    }

    private static Task<Receiver> AnsweringAsync(int status, Func<string>? retryAfter = null) => Receiver.StartAsync((_, context) =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter();
        return Task.CompletedTask;
    });

    private static async Task CallBackAsync(TestServer server, string sid, string url) =>
        (await server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "new"), ("CallbackUrl", url))).Is(200);

    private static IReadOnlyList<string> Deliveries(TestServer server, string sid) =>
        Store.Rows(server, "select state, attempts from deliveries where sim_id = $sim", sid);
}
