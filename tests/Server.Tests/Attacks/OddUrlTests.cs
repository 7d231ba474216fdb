using System.Globalization;
using System.Text;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Tests.Deliveries;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>URLs that one parser takes and another does not.</summary>
[Attack]
public sealed class OddUrlTests(OddUrlTests.Sandbox sandbox) : IClassFixture<OddUrlTests.Sandbox>
{
    private static readonly string[] Parts =
    [
        "http://", "https://", "HTTP://", "//", ":", "/", "\\", "?", "#", "@", "%", "%00", "%40", "%2F", "%2e%2e", "%zz", "%E2%80%AE", "..",
        ".", "*", "_", "-", " ", "\t", "\0", "\u202E", "\u200D", "ü", "ß", "日本", "xn--", "xn--zz--", "[", "]", "[::1]", "[::1%25eth0]",
        "[v1.x]", "127.0.0.1", "2130706433", "0x7f.1", "1.2.3.4.5", "localhost", "a", "b.test", ".test", "a%40b:c", "joe:word",
        ":99999", ":0", ":-1", ":80", "a=1", "&", ";", "+", "{", "}", "|", "^", "`", "\"", "<", ">", "'", "\uFFFF", "#sealed=", "=",
    ];

    public static TheoryData<string> Refused =>
    [
        "http://\u202E.test/", "http://a%40b:c@.test/", "http://a%40b:c@\u202E.test/", "http://./", "http://..test/",
        "http://" + new string('a', 64) + ".test/", "http://*.test/", "http://a b.test/", "http:///path",
    ];

    private TestServer Server => sandbox.Server;

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_URL_that_cannot_be_sent_is_refused_by_every_API_that_takes_one(string url)
    {
        var sim = sandbox.Sim;

        foreach (var (path, form) in new (string, (string, string)[])[]
        {
            ($"/v1/Sims/{sim}", [("FriendlyName", "x"), ("CallbackUrl", url)]),
            ($"/v1/Sims/{sim}", [("CommandsCallbackUrl", url)]),
            ("/v1/Commands", [("Sim", sim), ("Command", "on"), ("CallbackUrl", url)]),
        })
        {
            Assert.Equal("33101", (await Server.Kore.FormAsync(path, form)).Is(400)["code"]);
        }
        var endpoint = TestJson.Text(new { account = TestServer.MasterSid, url, events = new[] { "*" } });
        (await Server.Operator.JsonAsync(Hooks.Endpoints, endpoint)).Is(400);
        var again = TestJson.Text(new { since = "2026-01-01T00:00:00Z", to = url });
        (await Server.Operator.JsonAsync("/operator/v1/deliveries/redeliver", again)).Is(400);
    }

    /// <summary>The attempt is built as the worker builds it: what the parser of the door has taken, it takes too.</summary>
    [Fact]
    public void Whatever_the_door_takes_an_attempt_can_be_built_of()
    {
        var random = new Random(20260101);
        var taken = 0;
        for (var i = 0; i < AttackAttribute.Size(20_000, 2_000_000); i++)
        {
            var url = Odd(random);
            if (ReceiverUrl.Read(url) is not var (target, credentials))
                continue;
            taken++;
            var canonical = ReceiverUrl.Canonical(url)!;
            Assert.Equal(canonical, ReceiverUrl.Canonical(canonical));
            using var request = new HttpRequestMessage(HttpMethod.Get, target);
            Assert.True(Ascii.IsValid(request.RequestUri!.PathAndQuery), url);
            Assert.True(Ascii.IsValid(request.RequestUri!.IdnHost) && request.RequestUri.IdnHost.Length > 0, url);
            Assert.Equal("", request.RequestUri.UserInfo);
            Assert.Equal(credentials is null, new Uri(canonical).UserInfo.Length == 0);
            // A GET gets its message in the query, which must not make another URL of it.
            Assert.NotNull(ReceiverUrl.Read(canonical + (canonical.Contains('?') ? '&' : '?') + "SimSid=DE1"));
        }
        Assert.InRange(taken, 100, int.MaxValue);
    }

    [Fact]
    public async Task A_URL_that_is_taken_and_odd_has_its_attempts_and_ends()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Deliveries:Policy"] = "faithful" });
        var random = new Random(7);
        var sim = await server.SimAsync();
        await server.FreezeAsync();
        var taken = 0;
        for (var i = 0; taken < AttackAttribute.Size(40, 2_000) && i < 100_000; i++)
        {
            // Only addresses of this machine, on a port where nobody listens.
            var url = "http://" + (random.Next(2) == 0 ? "joe:w%40@" : "") + "127.0.0.1:1/" + Odd(random).TrimStart('/', ':');
            var method = random.Next(2) == 0 ? "GET" : "POST";
            var answer = await server.Kore.FormAsync(
                $"/v1/Sims/{sim}", ("FriendlyName", "x"), ("CallbackUrl", url), ("CallbackMethod", method));
            Assert.True(answer.Status is 200 or 400, $"{url}: {answer}");
            taken += answer.Status == 200 ? 1 : 0;
        }

        await server.AdvanceAsync("24h");

        Assert.Equal(["dead"], Store.Rows(server, "select distinct state from deliveries"));
        Assert.Equal(["0"], Store.Rows(server, "select count(*) from attempts where error is null"));
        Assert.DoesNotContain(server.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private static string Odd(Random random)
    {
        var url = new StringBuilder(random.Next(3) == 0 ? "" : Parts[random.Next(2)]);
        for (var parts = random.Next(1, 9); parts > 0; parts--)
        {
            url.Append(random.Next(8) == 0
                ? char.ConvertFromUtf32(random.Next(1, 0xD800)) : random.Next(8) == 0
                ? random.Next(100_000).ToString(CultureInfo.InvariantCulture) : Parts[random.Next(Parts.Length)]);
        }
        return url.ToString();
    }

    public sealed class Sandbox : IAsyncLifetime
    {
        internal TestServer Server { get; private set; } = null!;

        public string Sim { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            Server = await TestServer.StartAsync();
            Sim = await Server.ServedAsync();
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
