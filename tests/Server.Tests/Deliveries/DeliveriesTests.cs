using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Deliveries;

public sealed class DeliveriesTests
{
    private const string Deliveries = "/operator/v1/deliveries";

    [Fact]
    public async Task Deliveries_are_listed_newest_first_and_found_by_every_filter()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var hook = await server.HookAsync(receiver.Url);
        await server.FreezeAsync();
        var (first, second) = (await server.SimAsync("test"), await server.SimAsync("test"));
        await server.AdvanceAsync("1h");
        var later = await server.NowAsync();
        (await server.Kore.FormAsync($"/v1/Sims/{second}", ("Status", "new"), ("CallbackUrl", $"{receiver.Url}/called"))).Is(200);
        await receiver.GotAsync(3);
        await IdleAsync(server);
        async Task<IReadOnlyList<string?>> SimsAsync(string filter) =>
            [.. (await ListAsync(server, filter)).Select(item => $"{item.Text("kind")} {item.Text("sim")}")];
        var (a, b, called) = ($"webhook {first}", $"webhook {second}", $"callback {second}");
        var time = Uri.EscapeDataString(later.UtcDateTime.ToString("O"));

        Assert.Equal([called, b, a], await SimsAsync(""));
        Assert.Equal([called], await SimsAsync("&kind=callback"));
        Assert.Equal([b, a], await SimsAsync($"&endpoint={hook.Id}"));
        Assert.Equal([called, b], await SimsAsync($"&sim={second}"));
        Assert.Equal([b, a], await SimsAsync($"&endpoint={hook.Id}&account={TestServer.MasterSid}&state=delivered"));
        Assert.Empty(await SimsAsync($"&endpoint={hook.Id}&account={TestServer.SubaccountSid}"));
        Assert.Equal([a], await SimsAsync($"&sim={Fleet.GigsId(first)}&state=delivered"));
        Assert.Equal([called, b, a], await SimsAsync($"&account={TestServer.MasterSid}"));
        Assert.Equal([called, b, a], await SimsAsync($"&account={TestServer.MasterSid}&state=delivered"));
        Assert.Equal([called, b, a], await SimsAsync("&state=delivered"));
        Assert.Empty(await SimsAsync($"&account={TestServer.SubaccountSid}"));
        Assert.Equal([called], await SimsAsync($"&since={time}"));
        Assert.Equal([b, a], await SimsAsync($"&until={time}"));
        Assert.Empty(await SimsAsync("&state=dead"));
    }

    [Fact]
    public async Task A_list_is_read_page_by_page()
    {
        await using var server = await TestServer.StartAsync();
        await server.HookAsync("http://127.0.0.1:1/");
        var sim = await server.SimAsync("test");
        for (var number = 1; number <= 4; number++)
            await server.NoteAsync(sim, $"{number}");

        var first = (await server.Operator.FetchAsync($"{Deliveries}?limit=3")).Is(200);
        var second = (await server.Operator.FetchAsync($"{Deliveries}?limit=3&after={first["next"]}")).Is(200);

        Assert.Null(second["next"]);
        var ids = new[] { first, second }.SelectMany(page => page.Items)
            .Select(item => item.Text("id")).ToList();
        Assert.Equal(5, ids.Distinct().Count());
        Assert.Equal(ids.OrderDescending(StringComparer.Ordinal), ids);
    }

    [Fact]
    public async Task What_is_sent_again_after_a_restart_comes_after_what_was_sent_again_before_though_the_clock_has_stepped_back()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: wall);
        await using var receiver = await Receiver.StartAsync();
        await server.HookAsync(receiver.Url);
        await server.SimAsync("test");
        await IdleAsync(server);
        var made = (await ListAsync(server, "")).Single().Text("id");
        wall.Move(TimeSpan.FromHours(1));
        var before = (await server.Operator.JsonAsync($"{Deliveries}/{made}/redeliver", "")).Is(202)["id"];
        await IdleAsync(server);

        wall.Move(TimeSpan.FromHours(-1));
        await server.RestartAsync();
        var after = (await server.Operator.JsonAsync($"{Deliveries}/{made}/redeliver", "")).Is(202)["id"];

        Assert.Equal([after, before, made], (await ListAsync(server, "")).Select(item => item.Text("id")));
    }

    [Fact]
    public async Task One_delivery_is_shown_with_each_attempt_and_without_secrets()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync((number, context) =>
        {
            context.Response.StatusCode = number == 1 ? 500 : 200;
            return context.Response.WriteAsync($"answer {number}");
        });
        var hook = await server.HookAsync(receiver.Url);
        var sim = await server.SimAsync("test");
        await receiver.GotAsync(1);
        await server.AdvanceAsync("10s");

        var listed = Assert.Single(await ListAsync(server, ""));
        var shown = (await server.Operator.FetchAsync($"{Deliveries}/{listed.Text("id")}")).Is(200);

        Assert.Equal(listed.GetRawText(), shown.Text);
        Assert.Equal(
            ("webhook", receiver.Url + "/", "delivered", sim, hook.Id, receiver.All[0].Headers["webhook-id"]),
            (shown["kind"], shown["url"] + (shown["url"]!.EndsWith('/') ? "" : "/"), shown["state"], shown["sim"],
                shown["endpoint"], shown["token"]));
        Assert.Equal(
            ["1|500|answer 1|The receiver answered 500.", "2|200|answer 2|"],
            shown.Json.GetProperty("attempts").EnumerateArray().Select(attempt =>
                $"{attempt.GetProperty("number")}|{attempt.GetProperty("status")}|{attempt.Text("answer")}|"
                + $"{attempt.GetProperty("error")}"));
        Assert.DoesNotContain(hook.Secret, shown.Text);
        (await server.Operator.FetchAsync($"{Deliveries}/dlv_0000000000000000000000")).Is(404);
    }

    [Fact]
    public async Task One_delivery_is_sent_again_under_its_old_token()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        await server.HookAsync(receiver.Url);
        var sim = await server.SimAsync("test");
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "new"), ("CallbackUrl", $"{receiver.Url}/called"))).Is(200);
        await receiver.GotAsync(2);
        await IdleAsync(server);

        foreach (var delivery in await ListAsync(server, ""))
        {
            var sent = (await server.Operator.JsonAsync($"{Deliveries}/{delivery.Text("id")}/redeliver", "")).Is(202);
            Assert.Equal(("pending", delivery.Text("token")), (sent["state"], sent["token"]));
            Assert.NotEqual(delivery.Text("id"), sent["id"]);
        }

        var got = await receiver.GotAsync(4);
        Assert.Equal(2, got.Select(request => request.Body).Distinct().Count());
        Assert.Single(got.Where(request => request.Headers.ContainsKey("webhook-id"))
            .Select(request => request.Headers["webhook-id"]).Distinct());
        Assert.Single(got.Where(request => request.Headers.ContainsKey("kore-idempotency-token"))
            .Select(request => (request.Headers["kore-idempotency-token"], request.Headers["X-Twilio-Signature"])).Distinct());
    }

    [Fact]
    public async Task What_is_pending_or_has_no_endpoint_any_more_is_not_sent_again()
    {
        await using var server = await TestServer.StartAsync();
        var hook = await server.HookAsync("http://127.0.0.1:1/");
        await server.FreezeAsync();
        await server.SimAsync("test");
        var pending = Assert.Single(await ListAsync(server, "")).Text("id");

        (await server.Operator.JsonAsync($"{Deliveries}/{pending}/redeliver", "")).Is(409);
        (await server.Operator.DropAsync($"{Hooks.Endpoints}/{hook.Id}")).Is(204);
        await server.AdvanceAsync("1h");
        (await server.Operator.JsonAsync($"{Deliveries}/{pending}/redeliver", "")).Is(409);
        var all = (await server.Operator.JsonAsync($"{Deliveries}/redeliver", """{"since":"2020-01-01T00:00:00Z"}""")).Is(202);

        Assert.Equal(("0", "1", null), (all["redelivered"], all["skipped"], all["next"]));
    }

    [Fact]
    public async Task Of_a_range_what_is_pending_is_not_doubled_but_goes_to_another_URL()
    {
        await using var server = await TestServer.StartAsync();
        await using var elsewhere = await Receiver.StartAsync();
        await server.HookAsync("http://127.0.0.1:1/");
        await server.FreezeAsync();
        await server.SimAsync("test");
        const string range = """{"since":"2020-01-01T00:00:00Z","state":"pending"}""";

        var again = (await server.Operator.JsonAsync($"{Deliveries}/redeliver", range)).Is(202);
        Assert.Equal(("0", "1", null), (again["redelivered"], again["skipped"], again["next"]));
        Assert.Single(await ListAsync(server, ""));

        var to = (await server.Operator.JsonAsync($"{Deliveries}/redeliver", range.Replace("}", $",\"to\":\"{elsewhere.Url}\"}}"))).Is(202);
        Assert.Equal(("1", "0"), (to["redelivered"], to["skipped"]));
        await elsewhere.GotAsync(1);
    }

    [Fact]
    public async Task All_that_died_since_a_moment_is_sent_again_in_order_and_nothing_else()
    {
        var broken = true;
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync((_, context) =>
        {
            context.Response.StatusCode = broken ? 500 : 200;
            return Task.CompletedTask;
        });
        var sim = await server.SimAsync("test");
        await server.HookAsync(receiver.Url, ordered: true);
        await server.FreezeAsync();
        await server.NoteAsync(sim, "too old");
        await server.AdvanceAsync("40h");
        var since = (await server.NowAsync()).UtcDateTime.ToString("O");
        await server.NoteAsync(sim, "1");
        await server.NoteAsync(sim, "2");
        await server.AdvanceAsync("4d");
        Assert.Equal(["dead|3"], Store.Rows(server, "select state, count(*) from deliveries group by state"));

        broken = false;
        var before = receiver.All.Count;
        var answer = (await server.Operator.JsonAsync($"{Deliveries}/redeliver", $$"""{"since":"{{since}}"}""")).Is(202);

        Assert.Equal(("2", "0", null), (answer["redelivered"], answer["skipped"], answer["next"]));
        await server.AdvanceAsync("1s");
        Assert.Equal(["1", "2"], receiver.All.Skip(before).Select(got => got.Event().Text("data", "metadata", "note")));
    }

    [Fact]
    public async Task A_range_of_time_goes_to_another_URL_signed_for_it()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        await using var elsewhere = await Receiver.StartAsync();
        var hook = await server.HookAsync(receiver.Url);
        var sim = await server.SimAsync("test");
        (await server.Kore.FormAsync($"/v1/Sims/{sim}",
            ("Status", "new"), ("CallbackUrl", $"{receiver.Url}/called?mine=1"), ("CallbackMethod", "GET"))).Is(200);
        await receiver.GotAsync(2);

        var body = $$"""{"since":"2020-01-01T00:00:00Z","to":"{{elsewhere.Url}}/not/../replay?x=1"}""";
        Assert.Equal("2", (await server.Operator.JsonAsync($"{Deliveries}/redeliver", body)).Is(202)["redelivered"]);

        var got = await elsewhere.GotAsync(2);
        var webhook = got.Single(request => request.Method == "POST");
        Assert.Equal(($"{elsewhere.Url}/replay?x=1", webhook.Signature(hook.Secret)), (webhook.Url, webhook.Headers["webhook-signature"]));
        var called = got.Single(request => request.Method == "GET");
        Assert.StartsWith($"{elsewhere.Url}/replay?x=1&mine=1&SimSid={sim}&", called.Url);
        Assert.Equal(
            Signatures(called.Url), called.Headers["X-Twilio-Signature"]);
        Assert.Equal(2, receiver.All.Count);

        static string Signatures(string url) => Server.Dialects.Twilio.TwilioSignature.Of("sandbox-token", url, []);
    }

    [Theory]
    [InlineData("GET", "?state=lost", null, "state")]
    [InlineData("GET", "?kind=sms", null, "kind")]
    [InlineData("GET", "?sim=7", null, "sim")]
    [InlineData("GET", "?account=7", null, "account")]
    [InlineData("GET", "?endpoint=7", null, "endpoint")]
    [InlineData("GET", "?since=yesterday", null, "since")]
    [InlineData("GET", "?until=2026", null, "until")]
    [InlineData("POST", "/redeliver", "{}", "since")]
    [InlineData("POST", "/redeliver", """{"since":"now"}""", "since")]
    [InlineData("POST", "/redeliver", """{"since":"2026-01-01T00:00:00Z","state":"lost"}""", "state")]
    [InlineData("POST", "/redeliver", """{"since":"2026-01-01T00:00:00Z","to":"mailto:me"}""", "to")]
    [InlineData("POST", "/redeliver", """{"since":"2026-01-01T00:00:00Z","after":"x"}""", "after")]
    public async Task What_cannot_be_meant_is_refused_by_name(string method, string path, string? body, string field)
    {
        await using var server = await TestServer.StartAsync();

        var answer = (await server.Operator.CallAsync(method, Deliveries + path, body)).Is(400);

        Assert.Equal(field, answer["field"]);
    }

    private static async Task<IReadOnlyList<JsonElement>> ListAsync(TestServer server, string filter) =>
        (await server.Operator.FetchAsync($"{Deliveries}?limit=500{filter}")).Is(200).Items;

    /// <summary>Waits until nothing is pending.</summary>
    private static Task<IReadOnlyList<string>> IdleAsync(TestServer server) => Calls.UntilAsync(
        () => Task.FromResult(Store.Rows(server, "select id from deliveries where state = 'pending'")), pending => pending.Count == 0);
}
