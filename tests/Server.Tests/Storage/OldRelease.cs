using System.Text;
using System.Text.Json;
using Npgsql;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>
/// A store that an old release wrote, in a place of its own, and what that release answered (Releases/README.md). The wall clock begins
/// at the end of its making, so that tokens and old secrets hold as they did then.
/// </summary>
internal sealed class OldRelease : IAsyncDisposable
{
    private const string Embedded = "embedded";

    private readonly string _files;
    private readonly JsonElement _about;
    private readonly TestFolder _folder = new();
    private readonly MovableTime _wall;

    private OldRelease(string files, Receiver receiver, TestDatabase? database)
    {
        _files = files;
        _about = JsonDocument.Parse(File.ReadAllText(Path.Combine(files, "about.json"))).RootElement;
        _wall = new MovableTime(_about.GetProperty("wall").GetDateTimeOffset());
        Receiver = receiver;
        Database = database;
    }

    /// <summary>Every release and store that is kept.</summary>
    public static IEnumerable<(string Release, string Store)> All =>
        from release in Directory.GetDirectories(Folder)
        from store in Directory.GetDirectories(release)
        where File.Exists(Path.Combine(store, "about.json"))
        orderby store
        select (Path.GetFileName(release), Path.GetFileName(store));

    /// <summary>Gets all messages of the store, whatever their URL.</summary>
    public Receiver Receiver { get; }

    /// <summary>The copy of the data folder; empty where the store is a database.</summary>
    public string Data => _folder.Path;

    /// <summary>The copy of the database; null where the store is a folder.</summary>
    public TestDatabase? Database { get; }

    /// <summary>The base of the URLs in the store that messages go to.</summary>
    public string ReceiverUrl => _about.GetProperty("receiver").GetString()!;

    /// <summary>The moment of the SIM clock at which the store was left.</summary>
    public DateTimeOffset FrozenAt => _about.GetProperty("frozenAt").GetDateTimeOffset();

    /// <summary>The settings that the release ran with, and those that name the copy.</summary>
    public Dictionary<string, string?> Settings
    {
        get
        {
            var settings = _about.GetProperty("settings").EnumerateObject()
                .ToDictionary(setting => setting.Name, setting => setting.Value.GetString());
            settings["Storage:Data"] = _folder.Path;
            settings["Storage:Database"] = Database?.ConnectionString;
            // The recordings are of a program that removed nothing, and a year passes in some.
            settings.TryAdd("Operations:Keep", "3650d");
            return settings;
        }
    }

    private static string Folder => Path.Combine(TestFolder.Sources, "tests", "Server.Tests", "Storage", "Releases");

    /// <summary>Copies the folder, or loads the dump into an empty database.</summary>
    public static async Task<OldRelease> CopyAsync(string release, string store)
    {
        var files = Path.Combine(Folder, release, store);
        if (store != Embedded)
            return new OldRelease(files, await Receiver.StartAsync(), await LoadAsync(Path.Combine(files, "dump.sql")));
        var copy = new OldRelease(files, await Receiver.StartAsync(), null);
        foreach (var file in (string[])["simkeeper.db", "secrets.key"])
            File.Copy(Path.Combine(files, file), copy._folder.Of(file));
        return copy;
    }

    /// <summary>Starts the present program on the copy.</summary>
    public Task<TestServer> StartAsync() => TestServer.StartAsync(
        Settings, _wall, Seams.None with
        {
            Receiver = inner => new ToReceiver(inner, new Uri(Receiver.Url).Port),
            Time = (_, wall) => wall.GetUtcNow(),
        });

    /// <summary>A client with credentials of the store, by the name that the recordings give them.</summary>
    public HttpClient As(TestServer server, string name)
    {
        var client = server.Anonymous;
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", Authorization(name));
        return client;
    }

    /// <summary>The sid of a SIM, by the part it plays.</summary>
    public string Sim(string part) => _about.GetProperty("sims").GetProperty(part).GetProperty("sid").GetString()!;

    /// <summary>A secret that only the answer of its making showed; null: there is none.</summary>
    public JsonElement? Secret(params string[] path)
    {
        var found = _about.GetProperty("secrets");
        return path.All(name => found.TryGetProperty(name, out found)) ? found : null;
    }

    /// <summary>The lines of a recording.</summary>
    public IEnumerable<JsonElement> Recorded(string name) =>
        File.ReadLines(Path.Combine(_files, $"{name}.ndjson")).Select(line => JsonDocument.Parse(line).RootElement);

    /// <summary>Sends the requests of a recording; fails with the answers that differ from the recorded ones.</summary>
    public async Task CheckAsync(TestServer server, string recording)
    {
        var client = server.Anonymous;
        var differences = new List<string>();
        foreach (var recorded in Recorded(recording))
        {
            using var request = Request(recorded);
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            if (RecordedAnswer.Difference(recorded, await Answer.ReadAsync(response)) is { } difference)
                differences.Add($"{Text(recorded, "as")} {request.Method} {Text(recorded, "path")}: {difference}");
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    public async ValueTask DisposeAsync()
    {
        await Receiver.DisposeAsync();
        if (Database is not null)
            await Database.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<TestDatabase> LoadAsync(string dump)
    {
        var database = await TestDatabase.CreateEmptyAsync();
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var load = new NpgsqlCommand(await File.ReadAllTextAsync(dump), connection);
        await load.ExecuteNonQueryAsync();
        return database;
    }

    private HttpRequestMessage Request(JsonElement recorded)
    {
        var request = new HttpRequestMessage(new HttpMethod(Text(recorded, "method")!), Text(recorded, "path"));
        if (Text(recorded, "as") is { } name)
            request.Headers.TryAddWithoutValidation("Authorization", Authorization(name));
        if (recorded.TryGetProperty("headers", out var headers))
        {
            foreach (var header in headers.EnumerateObject())
                request.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
        }
        if (Text(recorded, "body") is { } body)
            request.Content = new StringContent(body, Encoding.UTF8, Text(recorded, "type")!);
        return request;
    }

    private string? Authorization(string name) => _about.GetProperty("authorizations").GetProperty(name).GetString();

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    /// <summary>Sends what goes to the receiver of the making to the one of the test.</summary>
    private sealed class ToReceiver(HttpMessageHandler inner, int port) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new UriBuilder(request.RequestUri!) { Port = port }.Uri;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
