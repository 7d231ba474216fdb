using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Tests.Peers;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class TokenTests : IAsyncLifetime
{
    private const string Endpoint = "/api-services/v1/auth/token";
    private static readonly (string, string)[] SandboxClient =
        [("grant_type", "client_credentials"), ("client_id", "sandbox-client"), ("client_secret", "sandbox-secret")];

    private readonly MovableTime _wall = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(wall: _wall);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_client_gets_a_token_that_opens_every_KORE_path()
    {
        var answer = (await _server.Anonymous.FormAsync(Endpoint, SandboxClient)).Is(200);

        Assert.Equal(["access_token", "expires_in", "token_type", "scope"], answer.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("3600", "Bearer", "write"), (answer["expires_in"], answer["token_type"], answer["scope"]));
        var bearer = _server.Bearer(answer["access_token"]!);
        var sim = (await bearer.FetchAsync("/v1/Sims?PageSize=1")).Is(200).Json.GetProperty("sims")[0].GetProperty("sid").GetString();
        Assert.Equal("by token", (await bearer.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "by token"))).Is(200)["friendly_name"]);
        string[] paths =
        [
            "/v1/Sims", $"/v1/Sims/{sim}", $"/v1/Sims/{sim}/UsageRecords", $"/v1/Sims/{sim}/DataSessions", "/v1/UsageRecords",
            "/v1/RatePlans", "/v1/RatePlans/sandbox-plan", "/v1/Commands", "/v1/Events", "/v1/secrets", "/2010-04-01/Accounts.json",
            $"/2010-04-01/Accounts/{TestServer.MasterSid}.json",
        ];
        foreach (var path in paths)
        {
            (await bearer.FetchAsync(path)).Is(200);
            Assert.Equal("Invalid or expired token", (await _server.Bearer("x.y.z").FetchAsync(path)).Is(403)["error"]);
            Assert.Equal("20003", (await _server.Anonymous.FetchAsync(path)).Is(401)["code"]);
        }
        var changed = (await bearer.FetchAsync("/v1/Events?PageSize=1")).Json.GetProperty("events")[0];
        Assert.Equal(TestServer.MasterSid, changed.GetProperty("actor_sid").GetString());
    }

    [Fact]
    public async Task A_credential_opens_its_own_door_only_also_on_a_connection_that_has_just_gone_through_it()
    {
        var (key, token) = (_server.Gigs, _server.Bearer(await TokenAsync()));
        for (var i = 0; i < 2; i++)
        {
            (await key.FetchAsync("/projects/sandbox/sims?limit=1")).Is(200);
            (await key.FetchAsync("/v1/Sims")).Is(403);
            (await key.FetchAsync("/operator/v1/clock")).Is(401);
            (await token.FetchAsync("/v1/Sims?PageSize=1")).Is(200);
            (await token.FetchAsync("/projects/sandbox/sims")).Is(401);
        }
    }

    [Fact]
    public async Task The_token_is_a_JWT_that_says_who_and_until_when()
    {
        var parts = (await TokenAsync()).Split('.');

        Assert.Equal(3, parts.Length);
        Assert.Equal("""{"alg":"HS256","typ":"JWT"}""", Decoded(parts[0]));
        var claims = JsonDocument.Parse(Decoded(parts[1])).RootElement;
        Assert.Equal((TestServer.MasterSid, "write", "simkeeper"),
            (claims.GetProperty("account").GetString(), claims.GetProperty("scope").GetString(), claims.GetProperty("iss").GetString()));
        Assert.Equal(3600, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());
        Assert.StartsWith("cli_", claims.GetProperty("sub").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_library_accepts_the_signature()
    {
        var key = Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef");
        var account = new Account(Guid.Empty, Guid.Empty, null, "", "", [], default);
        var caller = new Caller(Guid.CreateVersion7(), KeyKind.ClientWord, false, null, account);
        var token = new AccessTokens(key, TimeProvider.System).Issue(caller, TimeSpan.FromMinutes(5)).Token;
        await Peer.RunNodeAsync(_server.Url, "jwt.mjs", [], ("TOKEN", token), ("KEY", Encoding.ASCII.GetString(key)));
    }

    [Fact]
    public async Task The_client_may_log_in_with_Basic_instead()
    {
        var answer = await _server.Basic("sandbox-client", "sandbox-secret").FormAsync(Endpoint, ("grant_type", "client_credentials"));
        (await _server.Bearer(answer.Is(200)["access_token"]!).FetchAsync("/v1/Sims")).Is(200);
    }

    [Fact]
    public async Task A_token_ends_with_its_time_on_the_wall_clock()
    {
        var bearer = _server.Bearer(await TokenAsync());
        _wall.Move(TimeSpan.FromMinutes(59));
        (await bearer.FetchAsync("/v1/Sims")).Is(200);
        _wall.Move(TimeSpan.FromMinutes(1));
        Denied(await bearer.FetchAsync("/v1/Sims"));
    }

    [Fact]
    public async Task A_moved_SIM_clock_ends_no_token()
    {
        var bearer = _server.Bearer(await TokenAsync());
        (await _server.Operator.JsonAsync("/operator/v1/clock/advance", """{"by":"72h"}""")).Is(200);
        (await bearer.FetchAsync("/v1/Sims")).Is(200);
    }

    [Fact]
    public async Task A_clients_tokens_end_with_the_client()
    {
        var (id, secret) = await _server.KeyAsync("client");
        var bearer = _server.Bearer(await TokenAsync(id, secret));
        (await bearer.FetchAsync("/v1/Sims")).Is(200);

        (await _server.Operator.DropAsync($"/operator/v1/accounts/{TestServer.MasterSid}/keys/{id}")).Is(204);

        Denied(await bearer.FetchAsync("/v1/Sims"));
        (await _server.Anonymous.FormAsync(Endpoint, Form(id, secret))).Is(401);
    }

    [Fact]
    public async Task A_read_only_clients_token_may_only_read()
    {
        var (id, secret) = await _server.KeyAsync("client", "read");
        var answer = (await _server.Anonymous.FormAsync(Endpoint, Form(id, secret))).Is(200);
        Assert.Equal("read", answer["scope"]);
        var bearer = _server.Bearer(answer["access_token"]!);
        (await bearer.FetchAsync("/v1/Sims")).Is(200);
        Assert.Equal("20006", (await bearer.FormAsync("/2010-04-01/Accounts.json")).Is(403)["code"]);
        Assert.Equal("20006", (await bearer.JsonAsync("/v1/secrets", """{"Name":"x"}""")).Is(403)["code"]);
    }

    [Fact]
    public async Task A_token_promises_no_more_than_its_client_has()
    {
        var ends = _wall.GetUtcNow().AddSeconds(60).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        var made = (await _server.Operator.JsonAsync(
            $"/operator/v1/accounts/{TestServer.MasterSid}/keys", $$"""{"kind":"client","expiresAt":"{{ends}}"}""")).Is(201);
        var answer = (await _server.Anonymous.FormAsync(Endpoint, Form(made["id"]!, made["secret"]!))).Is(200);
        Assert.InRange(int.Parse(answer["expires_in"]!), 1, 60);
    }

    [Fact]
    public async Task A_token_outlives_a_restart()
    {
        var token = await TokenAsync();
        await _server.RestartAsync();
        (await _server.Bearer(token).FetchAsync("/v1/Sims")).Is(200);
    }

    [Theory]
    [InlineData("another signature")]
    [InlineData("another payload")]
    [InlineData("no signature")]
    [InlineData("alg none")]
    [InlineData("another installation")]
    [InlineData("gpk_sandbox")]
    [InlineData("skop_sandbox")]
    [InlineData("sandbox-client:sandbox-secret")]
    [InlineData("x.y.z")]
    [InlineData("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.")]
    [InlineData("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..")]
    public async Task What_is_no_token_of_ours_is_denied_as_KOREs_gateway_does(string what)
    {
        var token = await TokenAsync();
        var parts = token.Split('.');
        var sent = what switch
        {
            "another signature" => $"{parts[0]}.{parts[1]}.{(parts[2][0] == 'A' ? 'B' : 'A')}{parts[2][1..]}",
            "another payload" =>
                $"{parts[0]}.{Encoded(Decoded(parts[1]).Replace("\"exp\":1", "\"exp\":2", StringComparison.Ordinal))}.{parts[2]}",
            "no signature" => $"{parts[0]}.{parts[1]}.",
            "alg none" => $"{Encoded("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.",
            "another installation" => await ElsewhereAsync(),
            _ => what,
        };
        (await _server.Bearer(token).FetchAsync("/v1/Sims")).Is(200);

        Denied(await _server.Bearer(sent).FetchAsync("/v1/Sims"));
    }

    [Theory]
    [InlineData("", "20002")]
    [InlineData("grant_type=password&client_id=sandbox-client&client_secret=sandbox-secret", "20001")]
    [InlineData("grant_type=client_credentials", "20002")]
    [InlineData("grant_type=client_credentials&client_id=sandbox-client", "20002")]
    [InlineData("grant_type=client_credentials&client_secret=sandbox-secret", "20002")]
    [InlineData("{}", "20001")]
    [InlineData("{long}", "20001")]
    public async Task A_wrong_request_is_400_with_code_and_message(string body, string code)
    {
        var type = body == "{}" ? "application/json" : "application/x-www-form-urlencoded";
        using var content = new StringContent(body == "{long}" ? new string('a', 70_000) : body, Encoding.UTF8, type);

        var refused = (await _server.Anonymous.CallAsync(HttpMethod.Post, Endpoint, content)).Is(400);

        Assert.Equal(["code", "message"], refused.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(code, refused["code"]);
    }

    [Theory]
    [InlineData("sandbox-client", "wrong")]
    [InlineData("nobody", "sandbox-secret")]
    [InlineData(TestServer.MasterSid, "sandbox-token")]
    public async Task Who_is_no_client_is_401_invalid_client(string id, string secret)
    {
        var refused = (await _server.Anonymous.FormAsync(Endpoint, Form(id, secret))).Is(401);
        Assert.Equal("""{"error":"invalid_client","error_description":"Invalid client or Invalid client credentials"}""", refused.Text);
        Assert.Equal(refused, await _server.Basic(id, secret).FormAsync(Endpoint, ("grant_type", "client_credentials")));
    }

    [Fact]
    public async Task A_secret_in_both_places_is_refused()
    {
        Assert.Equal("20001", (await _server.Basic("sandbox-client", "sandbox-secret").FormAsync(Endpoint, SandboxClient)).Is(400)["code"]);
    }

    [Fact]
    public async Task The_endpoint_answers_OPTIONS_is_not_cached_and_knows_no_other_method_or_path()
    {
        var options = (await _server.Anonymous.CallAsync("OPTIONS", Endpoint, null, ("Origin", "http://localhost:3000"))).Is(200);
        Assert.Equal("http://localhost:3000", options.Headers.GetValues("Access-Control-Allow-Origin").Single());
        var issued = await _server.Anonymous.FormAsync(Endpoint, SandboxClient);
        Assert.Equal(new CacheControlHeaderValue { NoStore = true }, issued.Headers.CacheControl);
        Assert.Equal("20004", (await _server.Anonymous.FetchAsync(Endpoint)).Is(405)["code"]);
        Assert.Equal("20404", (await _server.Anonymous.FetchAsync("/api-services/v1/other")).Is(404)["code"]);
    }

    private static void Denied(Answer answer)
    {
        Assert.Equal("User is not authorized to access this resource with an explicit deny", answer.Is(403)["message"]);
        Assert.Equal(("Invalid or expired token", "20003", "403"), (answer["error"], answer["code"], answer["status"]));
    }

    private static (string, string)[] Form(string id, string secret) =>
        [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];

    private static string Decoded(string part) => Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(part));

    private static string Encoded(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static async Task<string> ElsewhereAsync()
    {
        await using var other = await TestServer.StartAsync();
        return (await other.Anonymous.FormAsync(Endpoint, SandboxClient)).Is(200)["access_token"]!;
    }

    private async Task<string> TokenAsync(string id = "sandbox-client", string secret = "sandbox-secret") =>
        (await _server.Anonymous.FormAsync(Endpoint, Form(id, secret))).Is(200)["access_token"]!;
}
