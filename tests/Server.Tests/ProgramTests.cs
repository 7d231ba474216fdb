using Simkeeper.Server.Tests.Deliveries;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>The program as it is published: every API reads and writes, on both stores, and what it sends arrives.</summary>
[SqliteOnly]
[StartsProgram]
public sealed class ProgramTests : IAsyncDisposable
{
    private const string Master = TestServer.MasterSid;
    private readonly TestFolder _folder = new();
    private readonly List<IAsyncDisposable> _parts = [];
    private ServerProcess _server = null!;

    public async ValueTask DisposeAsync()
    {
        for (var i = _parts.Count - 1; i >= 0; i--)
            await _parts[i].DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_api_answers_and_what_is_sent_arrives(bool postgres)
    {
        var settings = new Dictionary<string, string>();
        if (postgres)
        {
            var database = await TestDatabase.CreateEmptyAsync();
            _parts.Add(database);
            settings["Storage:Database"] = database.ConnectionString;
        }
        _server = await ServerProcess.StartAsync(settings, "--data", _folder.Path);
        _parts.Add(_server);
        var receiver = await Receiver.StartAsync();
        _parts.Add(receiver);
        using var gigs = Calls.Client(_server.Url, Calls.Bearer("gpk_sandbox"));
        using var kore = Calls.Client(_server.Url, Calls.Basic(Master, "sandbox-token"));
        using var operators = Calls.Client(_server.Url, Calls.Bearer("skop_sandbox"));
        using var anybody = Calls.Client(_server.Url);

        await GigsAsync(gigs, anybody);
        await KoreAsync(kore, anybody, receiver.Url);
        await OperatorAsync(operators, receiver.Url);
        foreach (var document in (string[])["gigs", "kore", "operator"])
            (await anybody.FetchAsync($"/openapi/{document}.json")).Is(200);

        // The callback of the status change, and the test event of the webhook endpoint.
        await receiver.GotAsync(2);
    }

    [Fact]
    public async Task What_was_sealed_before_a_restart_is_read_after_it()
    {
        var before = await ActivationCodeAsync();
        await _server.KillAsync();

        Assert.Equal(before, await ActivationCodeAsync());
    }

    private async Task<string?> ActivationCodeAsync()
    {
        _server = await ServerProcess.StartAsync([], "--data", _folder.Path);
        _parts.Add(_server);
        using var gigs = Calls.Client(_server.Url, Calls.Bearer("gpk_sandbox"));
        return (await gigs.FetchAsync($"/projects/sandbox/sims/{await ESimAsync(gigs)}/credentials")).Is(200)["activationCode"];
    }

    private static async Task<string> ESimAsync(HttpClient gigs) =>
        (await gigs.FetchAsync("/projects/sandbox/sims?limit=200")).Is(200).Items
            .First(sim => sim.Text("type") == "eSIM").Text("id")!;

    private static async Task GigsAsync(HttpClient gigs, HttpClient anybody)
    {
        var path = $"/projects/sandbox/sims/{await ESimAsync(gigs)}";
        var noted = (await gigs.CallAsync("PATCH", path, """{"metadata":{"place":"Köln"}}""")).Is(200);
        Assert.Contains("Köln", noted.Text, StringComparison.Ordinal);
        (await gigs.JsonAsync("/projects/sandbox/sims/search", """{"iccid":"8942420000000000007"}""")).Is(200);
        (await gigs.FetchAsync(path + "/eSimProfile")).Is(200);
        var credentials = (await gigs.FetchAsync(path + "/credentials")).Is(200);
        using var code = await anybody.GetAsync(credentials["qrCodeUrl"], TestContext.Current.CancellationToken);
        Assert.Equal("image/png", code.EnsureSuccessStatusCode().Content.Headers.ContentType?.MediaType);
        Assert.Equal("notFound", (await gigs.FetchAsync("/projects/sandbox/sims/sim_none"))["type"]);
    }

    private static async Task KoreAsync(HttpClient kore, HttpClient anybody, string receiver)
    {
        var sim = (await kore.FetchAsync("/v1/Sims?PageSize=1")).Is(200).Json.GetProperty("sims")[0].Text("sid")!;
        (await kore.FormAsync($"/v1/Sims/{sim}", ("Status", "ready"), ("RatePlan", TestServer.PlanSid), ("CallbackUrl", receiver))).Is(202);
        await Calls.UntilAsync(() => kore.FetchAsync($"/v1/Sims/{sim}"), read => read.Is(200)["status"] == "ready");
        Assert.NotEmpty((await kore.FetchAsync("/v1/Events")).Is(200).Json.GetProperty("events").EnumerateArray());
        (await kore.FormAsync("/v1/Commands", ("Sim", sim), ("Command", "wake up"))).Is(201);
        (await kore.FormAsync("/v1/RatePlans", ("UniqueName", "of-a-test"))).Is(201);
        foreach (var list in (string[])["/v1/RatePlans", "/v1/Commands", "/v1/UsageRecords",
            $"/v1/Sims/{sim}/DataSessions", "/2010-04-01/Accounts"])
            (await kore.FetchAsync(list)).Is(200);
        (await kore.FormAsync("/2010-04-01/Accounts", ("FriendlyName", "Of a test"))).Is(201);
        var token = (await anybody.FormAsync("/api-services/v1/auth/token",
            ("grant_type", "client_credentials"), ("client_id", "sandbox-client"), ("client_secret", "sandbox-secret")))
            .Is(200)["access_token"];
        anybody.DefaultRequestHeaders.Authorization = Calls.Bearer(token!);
        (await anybody.FetchAsync($"/v1/Sims/{sim}")).Is(200);
        anybody.DefaultRequestHeaders.Authorization = null;
        Assert.Equal("20404", (await kore.FetchAsync("/v1/Sims/none")).Is(404)["code"]);
    }

    private static async Task OperatorAsync(HttpClient operators, string receiver)
    {
        const string root = "/operator/v1/";
        var made = (await operators.JsonAsync(root + "accounts", """{"name":"Of a test","project":"of-a-test"}""")).Is(201);
        (await operators.JsonAsync($"{root}accounts/{made["sid"]}/keys", """{"kind":"gigs","role":"read"}""")).Is(201);
        await operators.ImportSimsAsync(1, made["sid"]!);
        var sim = (await operators.FetchAsync($"{root}sims?account={made["sid"]}")).Is(200).Items[0].Text("sid")!;
        (await operators.JsonAsync(root + "usage", $$"""
            [{"sim":"{{sim}}","session":"1","start":"2026-01-01T00:00:00Z","at":"2026-01-01T00:01:00Z",
            "uploadedBytes":1,"downloadedBytes":2}]
            """.ReplaceLineEndings(""))).Is(200);
        (await operators.JsonAsync(root + "faults", """{"carrier":"test","kind":"slow","delay":"10ms"}""")).Is(201);
        Assert.Contains("slow", (await operators.FetchAsync(root + "faults")).Is(200).Text, StringComparison.Ordinal);
        (await operators.DropAsync(root + "faults")).Is(204);
        (await operators.CallAsync("PUT", root + "carriers/test", """{"callsPerSecond":50}""")).Is(200);
        (await operators.JsonAsync(root + "clock/advance", """{"by":"1h"}""")).Is(200);
        var hook = (await operators.JsonAsync(root + "webhook-endpoints", $$"""{"account":"{{Master}}","url":"{{receiver}}/?c=hook"}"""))
            .Is(201);
        (await operators.JsonAsync($"{root}webhook-endpoints/{hook["id"]}/test", "")).Is(202);
        foreach (var list in (string[])["accounts", "operator-keys", "operations", "events", "carriers", "deliveries",
            "clock", "webhook-endpoints"])
            (await operators.FetchAsync(root + list)).Is(200);
        (await operators.FetchAsync(root + "sims/none")).Is(404);
    }
}
