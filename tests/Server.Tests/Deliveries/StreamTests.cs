using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Deliveries;

public sealed class StreamTests
{
    private const string Nowhere = "http://127.0.0.1:1/hook?a=1";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_delivery_is_told_when_it_is_made_with_all_it_takes_to_send_it()
    {
        await using var server = await TestServer.StartAsync();
        var hook = await server.HookAsync(Nowhere);
        await using var stream = await OpenAsync(server, "");

        var sim = await server.SimAsync("test");
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "new"), ("CallbackUrl", Nowhere))).Is(200);

        var told = await stream.NextAsync("delivery");
        var body = told.GetProperty("body").GetBytesFromBase64();
        Assert.Equal(
            ("webhook", "com.gigs.sim.created", Nowhere, "POST", hook.Id, sim),
            (told.Text("kind"), told.Text("event"), told.Text("url"), told.Text("method"), told.Text("endpoint"), told.Text("sim")));
        var headers = told.GetProperty("headers").EnumerateObject()
            .ToDictionary(header => header.Name, header => header.Value.GetString()!, StringComparer.OrdinalIgnoreCase);
        Assert.Equal("application/json", headers["Content-Type"]);
        var received = new Received("POST", Nowhere, headers, Encoding.UTF8.GetString(body));
        Assert.Equal(received.Signature(hook.Secret), headers["webhook-signature"]);
        var called = await stream.NextAsync("delivery");
        Assert.Equal(("callback", JsonValueKind.Null), (called.Text("kind"), called.GetProperty("event").ValueKind));
        Assert.Contains($"SimSid={sim}&", Encoding.UTF8.GetString(called.GetProperty("body").GetBytesFromBase64()));
        Assert.NotEqual("", called.Text("headers", "X-Twilio-Signature"));
    }

    [Fact]
    public async Task The_end_of_each_attempt_is_told()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        await using var stream = await OpenAsync(server, "");

        await server.HookAsync(receiver.Url);
        await server.SimAsync("test");

        var made = await stream.NextAsync("delivery");
        var ended = await stream.NextAsync("attempt");
        Assert.Equal((made.Text("id"), "delivered"), (ended.Text("delivery"), ended.Text("state")));
        Assert.Equal((1, 200), (ended.GetProperty("number").GetInt32(), ended.GetProperty("status").GetInt32()));
    }

    [Fact]
    public async Task Who_comes_back_is_told_what_was_missed_and_nothing_twice()
    {
        await using var server = await TestServer.StartAsync();
        await server.HookAsync(Nowhere);
        var sim = await server.SimAsync("test");
        string? last;
        await using (var stream = await OpenAsync(server, ""))
        {
            await server.NoteAsync(sim, "1");
            await stream.NextAsync("delivery");
            last = stream.LastId;
        }
        for (var number = 2; number <= 250; number++)
            await server.NoteAsync(sim, $"{number}");
        await server.RestartAsync();

        await using var again = await OpenAsync(server, "", last);
        await server.NoteAsync(sim, "251");

        for (var number = 2; number <= 251; number++)
        {
            var delivery = await again.NextAsync("delivery");
            while (TestDatabase.IsWanted && string.CompareOrdinal(delivery.Text("id"), last) < 0)
                delivery = await again.NextAsync("delivery"); // Another server might have written it since.
            var told = JsonDocument.Parse(delivery.GetProperty("body").GetBytesFromBase64()).RootElement;
            Assert.Equal($"{number}", told.Text("data", "metadata", "note"));
        }
    }

    [Fact]
    public async Task What_another_server_commits_late_under_an_older_id_is_told_too_and_once()
    {
        await using var server = await TestServer.StartAsync();
        await server.HookAsync(Nowhere);
        var sim = await server.SimAsync("test");
        await using var stream = await OpenAsync(server, "");
        await server.NoteAsync(sim, "1");
        var id = (await stream.NextAsync("delivery")).Text("id")!;

        var older = AddBefore(server, id);

        Assert.Equal(older, (await stream.NextAsync("delivery")).Text("id"));
        Assert.Equal(id, stream.LastId);
        await server.NoteAsync(sim, "2");
        Assert.NotEqual(older, (await stream.NextAsync("delivery")).Text("id"));
    }

    [Fact]
    public async Task Who_comes_back_is_told_what_another_server_has_committed_since_under_an_older_id()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Storage:Database"] = database.ConnectionString });
        await server.HookAsync(Nowhere);
        var sim = await server.SimAsync("test");
        string last;
        await using (var stream = await OpenAsync(server, ""))
        {
            await server.NoteAsync(sim, "1");
            last = (await stream.NextAsync("delivery")).Text("id")!;
        }
        var older = AddBefore(server, last);
        await server.NoteAsync(sim, "2");

        await using var again = await OpenAsync(server, "", last);

        var told = new List<string?>();
        while (told.LastOrDefault() is not { } id || string.CompareOrdinal(id, last) <= 0)
            told.Add((await again.NextAsync("delivery")).Text("id"));
        Assert.Contains(older, told);
        Assert.DoesNotContain(last, told);
    }

    /// <summary>
    /// Writes a delivery whose id is just before another's, as a server does whose clock is a little behind. Gives its id.
    /// </summary>
    private static string AddBefore(TestServer server, string id)
    {
        Assert.True(Core.Ids.TryParseBase62("dlv", id, out var made));
        var bytes = made.ToByteArray(bigEndian: true);
        bytes[8]--;
        var older = new Guid(bytes, bigEndian: true);
        Assert.Single(Store.Rows(server, """
            insert into deliveries (org_id, id, account_id, sim_id, kind, url, method, body, state, attempts, endpoint_id, message_id)
            select org_id, $sim, account_id, sim_id, kind, url, method, body, 'dead', 0, endpoint_id, message_id from deliveries limit 1
            returning 1
            """, $"XX{older:N}"));
        return Core.Ids.ToBase62("dlv", older);
    }

    [Fact]
    public async Task An_account_is_told_of_its_own_only()
    {
        await using var server = await TestServer.StartAsync();
        await server.HookAsync(Nowhere);
        await server.HookAsync(Nowhere, TestServer.SubaccountSid);
        await using var stream = await OpenAsync(server, $"?account={TestServer.SubaccountSid}");

        await server.SimAsync("test");
        var own = await server.SimAsync("test", TestServer.SubaccountSid);

        Assert.Equal(own, (await stream.NextAsync("delivery")).Text("sim"));
    }

    [Theory]
    [InlineData("?account=7")]
    [InlineData("?account=AC00000000000000000000000000000009")]
    [InlineData("?sim=7")]
    public async Task What_cannot_be_listened_to_is_refused(string query)
    {
        await using var server = await TestServer.StartAsync();

        (await server.Operator.FetchAsync("/operator/v1/stream" + query)).Is(400);
    }

    private static async Task<Listener> OpenAsync(TestServer server, string query, string? lastId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/operator/v1/stream" + query);
        if (lastId is not null)
            request.Headers.Add("Last-Event-ID", lastId);
        var response = await server.Bearer("skop_sandbox").SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var listener = new Listener(response, await response.Content.ReadAsStreamAsync(Cancelled));
        await listener.NextAsync("ready");
        return listener;
    }

    private sealed class Listener : IAsyncDisposable
    {
        private readonly HttpResponseMessage _response;
        private readonly IAsyncEnumerator<SseItem<string>> _items;
        private readonly SseParser<string> _parser;

        public Listener(HttpResponseMessage response, Stream stream)
        {
            _response = response;
            _parser = SseParser.Create(stream);
            _items = _parser.EnumerateAsync(Cancelled).GetAsyncEnumerator(Cancelled);
        }

        public string LastId => _parser.LastEventId;

        /// <summary>The next event of a type; others are skipped.</summary>
        public async Task<JsonElement> NextAsync(string type)
        {
            while (await _items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancelled))
            {
                if (_items.Current.EventType == type)
                    return JsonDocument.Parse(_items.Current.Data).RootElement;
            }
            throw new InvalidOperationException("The stream has ended.");
        }

        public async ValueTask DisposeAsync()
        {
            _response.Dispose();
            await ValueTask.CompletedTask;
        }
    }
}
