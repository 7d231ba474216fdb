using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Tests.Support;

/// <summary>A real server in this process: real Kestrel on a free port, a real data folder of its own, everything logged kept.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string MasterSid = "AC00000000000000000000000000000001";
    public const string SubaccountSid = "AC00000000000000000000000000000002";
    public const string PlanSid = "WP00000000000000000000000000000001";

    private readonly Dictionary<string, string?> _settings;
    private readonly TimeProvider _wall;
    private readonly Seams? _seams;
    private readonly List<HttpClient> _clients = [];
    private TestDatabase? _database;
    private App? _app;

    private TestServer(Dictionary<string, string?> settings, TimeProvider wall, Seams? seams)
    {
        _settings = settings;
        _wall = wall;
        // A test that moves the wall clock moves the time of SIMs with it, on every store.
        _seams = wall == TimeProvider.System || seams?.Time is not null
            ? seams
            : (seams ?? Seams.None) with { Time = static (_, wall) => wall.GetUtcNow() };
    }

    public string Data { get; } = Directory.CreateTempSubdirectory("simkeeper-test-").FullName;

    /// <summary>The database of its own on PostgreSQL; null: the store is SQLite, in the data folder.</summary>
    public string? Database => _settings.GetValueOrDefault("Storage:Database");

    public Uri Url => _app!.Url;

    public IReadOnlyDictionary<string, IReadOnlyList<(string Method, string Template)>> Routes =>
        _app!.Services.GetRequiredService<ApiRoutes>().All;

    /// <summary>The endpoints of the operator API.</summary>
    public IEnumerable<RouteEndpoint> OperatorEndpoints => _app!.Services.GetRequiredService<EndpointDataSource>().Endpoints
        .OfType<RouteEndpoint>().Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/operator/", StringComparison.Ordinal));

    public IEnumerable<KeyKind> KeyKinds => _app!.Services.GetServices<KeyKind>();

    /// <summary>The settings with which the operator API writes JSON.</summary>
    public JsonSerializerOptions Json => _app!.Services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;

    /// <summary>With the operator key.</summary>
    public HttpClient Operator => Bearer("skop_sandbox");

    /// <summary>With the master account's Gigs key.</summary>
    public HttpClient Gigs => Bearer("gpk_sandbox");

    /// <summary>With the master account's sid and auth token.</summary>
    public HttpClient Kore => Basic(MasterSid, "sandbox-token");

    /// <summary>With the subaccount's sid and auth token.</summary>
    public HttpClient KoreSub => Basic(SubaccountSid, "sandbox-token-2");

    /// <summary>Without credentials.</summary>
    public HttpClient Anonymous => Client(null);

    public LogCollector Log { get; } = new();

    /// <summary>Starts a sandbox.</summary>
    /// <param name="settings">Settings over those of a test server.</param>
    /// <param name="wall">The wall clock; null: the machine's.</param>
    /// <param name="seams">Where the test stands between the server and the outside.</param>
    public static async Task<TestServer> StartAsync(
        IReadOnlyDictionary<string, string?>? settings = null, TimeProvider? wall = null, Seams? seams = null)
    {
        var all = new Dictionary<string, string?> { ["Sandbox:Enabled"] = "true", ["Http:Urls"] = "http://127.0.0.1:0" };
        foreach (var (name, value) in settings ?? new Dictionary<string, string?>())
            all[name] = value;
        var server = new TestServer(all, wall ?? TimeProvider.System, seams);
        all.TryAdd("Storage:Data", server.Data);
        if (TestDatabase.IsWanted && !all.ContainsKey("Storage:Database"))
        {
            server._database = await TestDatabase.CreateAsync();
            all["Storage:Database"] = server._database.ConnectionString;
            if (all["Sandbox:Enabled"] != "true")
                all.TryAdd("Secrets:Key", "a key of this test");
        }
        await server.StartAppAsync();
        return server;
    }

    public async Task StopAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>Stops the server, if it is not, and starts it again on the same folder.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAppAsync();
    }

    public HttpClient Bearer(string key) => Client(Calls.Bearer(key));

    public HttpClient Basic(string user, string password) => Client(Calls.Basic(user, password));

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await StopAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        Directory.Delete(Data, recursive: true);
        Canaries.Check(Log);
    }

    private async Task StartAppAsync()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(_settings).Build();
        _app = await App.StartAsync(configuration, _wall, logging => logging.AddProvider(Log), _seams);
    }

    private HttpClient Client(AuthenticationHeaderValue? authorization)
    {
        var client = Calls.Client(Url, authorization);
        _clients.Add(client);
        return client;
    }
}
