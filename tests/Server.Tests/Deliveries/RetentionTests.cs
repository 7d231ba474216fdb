using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Deliveries;

public sealed class RetentionTests
{
    private const string Deliveries = "/operator/v1/deliveries";

    [Fact]
    public async Task What_has_ended_goes_with_its_attempts_when_its_time_is_over_and_the_rest_stays()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Deliveries:Keep"] = "3d" });
        await using var receiver = await Receiver.StartAsync((_, context) =>
        {
            context.Response.StatusCode = context.Request.Path.Value switch { "/gone" => 410, "/later" => 503, _ => 200 };
            if (context.Request.Path == "/later")
                context.Response.Headers.RetryAfter = "36000";
            return Task.CompletedTask;
        });
        var sim = await server.SimAsync("test");
        async Task CallAsync(string path) =>
            (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "new"), ("CallbackUrl", receiver.Url + path))).Is(200);
        await CallAsync("/taken");
        await CallAsync("/gone");
        await EndedAsync(server, 2);
        await server.AdvanceAsync("2d");
        await CallAsync("/later");
        await CallAsync("/young");
        await EndedAsync(server, 3);
        Assert.Equal(["/young", "/later", "/gone", "/taken"], await PathsAsync(server));

        await server.AdvanceAsync("25h");
        await Calls.UntilAsync(() => PathsAsync(server), paths => paths.Count == 2);
        Assert.Equal(["/young", "/later"], await PathsAsync(server));
        Assert.Empty(Store.Rows(server, "select 1 from attempts where delivery_id not in (select id from deliveries)"));
        Assert.Equal(["delivered|1", "pending|3"], Store.Rows(server, """
            select d.state, count(*) from deliveries d
            join attempts a on a.org_id = d.org_id and a.delivery_id = d.id group by d.state order by 1
            """));
    }

    [Fact]
    public async Task What_is_pending_stays_however_old_it_is_and_goes_when_it_has_ended()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Deliveries:Keep"] = "1d" });
        await using var receiver = await Receiver.StartAsync((_, context) =>
        {
            context.Response.StatusCode = context.Request.Path == "/later" ? 503 : 200;
            context.Response.Headers.RetryAfter = "36000";
            return Task.CompletedTask;
        });
        var sim = await server.SimAsync("test");
        foreach (var path in new[] { "/later", "/taken" })
            (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "new"), ("CallbackUrl", receiver.Url + path))).Is(200);
        await EndedAsync(server, 1);

        await server.AdvanceAsync("30h");
        await Calls.UntilAsync(() => PathsAsync(server), paths => paths.Count == 1);
        Assert.Equal(["/later"], await PathsAsync(server));

        await server.AdvanceAsync("5d");
        await Calls.UntilAsync(() => PathsAsync(server), paths => paths.Count == 0);
        Assert.Empty(Store.Rows(server, "select 1 from attempts"));
    }

    [Fact]
    public async Task More_than_a_batch_goes_too()
    {
        await using var server = await TestServer.StartAsync();
        await server.SimAsync("test");
        await server.HookAsync("http://127.0.0.1:1/");
        var sim = await server.SimAsync("test");
        for (var number = 0; number < 120; number++)
            await server.NoteAsync(sim, $"{number}");

        await server.AdvanceAsync("100d");

        await Calls.UntilAsync(() => PathsAsync(server), paths => paths.Count == 0);
        Assert.Empty(Store.Rows(server, "select 1 from attempts"));
    }

    private static async Task<IReadOnlyList<string>> PathsAsync(TestServer server) =>
        [.. (await server.Operator.FetchAsync($"{Deliveries}?limit=500")).Is(200).Items
            .Select(item => new Uri(item.GetProperty("url").GetString()!).AbsolutePath)];

    private static Task<IReadOnlyList<string>> EndedAsync(TestServer server, int count) => Calls.UntilAsync(
        () => Task.FromResult(Store.Rows(server, "select id from deliveries where state <> 'pending'")), ended => ended.Count == count);
}
