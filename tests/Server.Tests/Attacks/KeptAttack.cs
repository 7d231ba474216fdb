using System.Net;
using Simkeeper.Server.Tests.Deliveries;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Callers who fill the store with what is kept of their requests: events, messages, Commands, rate plans, SIMs.</summary>
[Attack]
public sealed class KeptAttack
{
    private const int Budget = 256 * 1024;

    [Fact]
    public async Task A_key_that_changes_a_SIM_for_ever_is_told_to_wait_and_every_change_that_was_made_has_its_event()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Accounts:KeptBytesPerHour"] = $"{Budget}" }, wall);
        var sim = await server.SimAsync("test");
        var other = await server.AccountAsync();
        var others = await server.SimAsync("test", other.Sid);
        var served = await server.ServedAsync();
        var before = Store.Rows(server, "select id from events").Count;

        var (changed, refused) = await UntilRefusedAsync(number => PatchAsync(server, sim, number));

        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Equal("tooManyRequests", refused["type"]);
        Assert.InRange(changed, 20, Budget / 800);
        Assert.Equal(changed, Store.Rows(server, "select id from events").Count - before);
        var kore = await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "x"));
        Assert.Equal((429, "20429"), (kore.Status, kore["code"]));
        Assert.NotNull(kore.Headers.RetryAfter);
        Assert.Equal("20429", (await server.Kore.FormAsync("/v1/Commands", ("Sim", served), ("Command", "x")))["code"]);
        // Reads, operators and other accounts go on.
        (await server.Gigs.FetchAsync("/projects/sandbox/sims?limit=1")).Is(200);
        (await other.Kore.FormAsync($"/v1/Sims/{others}", ("FriendlyName", "x"))).Is(200);

        wall.Pass(TimeSpan.FromMinutes(30));

        var (again, _) = await UntilRefusedAsync(number => PatchAsync(server, sim, changed + 1 + number));
        Assert.InRange(again, changed / 3, changed * 2 / 3);
    }

    [Fact]
    public async Task Messages_to_webhook_endpoints_count_like_the_events_that_they_tell_of()
    {
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Accounts:KeptBytesPerHour"] = $"{Budget}" });
        var sim = await server.SimAsync("test");
        for (var number = 0; number < 20; number++)
            await server.HookAsync($"http://127.0.0.1:1/{number}");

        var (changed, _) = await UntilRefusedAsync(number => PatchAsync(server, sim, number));

        Assert.InRange(changed, 2, Budget / (20 * 800));
    }

    [Fact]
    public async Task Old_events_go_with_their_copies_and_ended_operations_too_and_what_is_young_or_open_stays()
    {
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Events:Purge"] = "2d", ["Operations:Keep"] = "3d", ["Operations:Deadline"] = "90d" });
        var (master, sub) = await server.FamilyAsync();
        var moved = await server.SimAsync("test", master.Sid);
        (await master.Kore.FormAsync($"/v1/Sims/{moved}", ("AccountSid", sub.Sid))).Is(200);
        var sim = await server.ServedAsync();
        var open = await server.SimAsync("lab");
        (await server.Kore.FormAsync($"/v1/Sims/{open}", ("Status", "active"), ("RatePlan", "sandbox-plan"))).Is(202);
        await server.OperationAsync(open);
        Assert.Single((await master.Kore.FetchAsync("/v1/Events")).Is(200).Json.GetProperty("events").EnumerateArray());
        for (var number = 0; number < 150; number++)
            await PatchAsync(server, sim, number);

        await server.AdvanceAsync("49h");
        await PatchAsync(server, sim, 200);
        await Calls.UntilAsync(() => Task.FromResult(Store.Rows(server, "select id from events")), rows => rows.Count == 1);

        await Calls.UntilAsync(() => Task.FromResult(Store.Rows(server, "select event_id from monitor_copies")), rows => rows.Count == 0);
        Assert.Empty((await master.Kore.FetchAsync("/v1/Events")).Is(200).Json.GetProperty("events").EnumerateArray());
        Assert.Single((await server.Operator.FetchAsync($"/operator/v1/events?sim={sim}")).Is(200).Items);
        Assert.Equal(["done|1", "open|1"], Store.Rows(server, "select state, count(*) from operations group by state order by 1"));

        await server.AdvanceAsync("24h");
        await Calls.UntilAsync(
            () => Task.FromResult(Store.Rows(server, "select state, count(*) from operations group by state")), rows => rows is ["open|1"]);
        Assert.Equal("active", await server.SettledAsync(sim));
    }

    [Fact]
    public async Task Without_a_setting_events_stay_for_ever()
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.ServedAsync();
        var events = Store.Rows(server, "select id from events").Count;

        await server.AdvanceAsync("400d");

        await Calls.UntilAsync(
            () => Task.FromResult(Store.Rows(server, "select id from operations where state <> 'open'")), rows => rows.Count == 0);
        Assert.Equal(events, Store.Rows(server, "select id from events").Count);
        Assert.Equal("active", await server.SettledAsync(sim));
    }

    [Fact]
    public async Task Usage_goes_when_its_time_is_over_also_of_SIMs_that_are_not_reported_any_more()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Usage:Retention"] = "62d" });
        var sim = await server.ServedAsync();
        var other = await server.ServedAsync();
        foreach (var to in new[] { sim, other })
            (await server.Kore.FormAsync("/v1/Commands", ("Sim", to), ("Command", "x"))).Is(201);
        var tables = new[] { "usage_hours", "usage_seconds", "account_usage_hours" };
        Assert.All(tables, table => Assert.NotEmpty(Store.Rows(server, $"select org_id from {table}")));

        await server.AdvanceAsync("40d");
        (await server.Kore.FormAsync("/v1/Commands", ("Sim", other), ("Command", "x"))).Is(201);
        await server.AdvanceAsync("30d");

        await Calls.UntilAsync(() => Task.FromResult(tables.Sum(table => Store.Rows(server, $"select org_id from {table}").Count)),
            rows => rows == tables.Length);
        var record = Assert.Single((await server.Kore.FetchAsync($"/v1/Sims/{other}/UsageRecords?Start=2020-01-01T00:00:00Z"))
            .Is(200).Json.GetProperty("usage_records").EnumerateArray());
        Assert.Equal(1, record.GetProperty("commands").GetProperty("total").GetInt64());
    }

    [Fact]
    public async Task Moves_go_when_no_usage_from_before_them_is_taken_any_more()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Usage:Retention"] = "62d" });
        var (master, sub) = await server.FamilyAsync();
        var sim = await server.SimAsync("test", master.Sid);
        foreach (var to in new[] { sub, master, sub })
            (await master.Kore.FormAsync($"/v1/Sims/{sim}", ("AccountSid", to.Sid))).Is(200);
        await server.AdvanceAsync("61d");
        (await master.Kore.FormAsync($"/v1/Sims/{sim}", ("AccountSid", master.Sid))).Is(200);

        await server.AdvanceAsync("2d");

        await Calls.UntilAsync(() => Task.FromResult(Store.Rows(server, "select at from sim_moves")), rows => rows.Count == 1);
    }

    [Fact]
    public async Task An_account_has_no_more_rate_plans_SIMs_and_queued_Commands_than_its_quotas()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>(Fleet.PromptCarriers)
        {
            ["Accounts:RatePlansMax"] = "3",
            ["Accounts:SimsMax"] = "4",
            ["Commands:QueuedMax"] = "2",
        });
        var account = await server.AccountAsync();
        Task<Answer> PlanAsync(int number) => account.Kore.FormAsync("/v1/RatePlans", ("UniqueName", $"plan-{number}"));
        for (var number = 0; number < 3; number++)
            (await PlanAsync(number)).Is(201);
        Assert.Equal("20409", (await PlanAsync(3)).Is(409)["code"]);
        (await account.Kore.DropAsync("/v1/RatePlans/plan-0")).Is(204);
        (await PlanAsync(3)).Is(201);

        var (first, rest) = (Rows(3), Rows(4));
        await server.ImportAsync(first, account.Sid);
        var lines = await server.ImportAsync(first + rest[(rest.IndexOf('\n') + 1)..], account.Sid);
        Assert.Equal((3, 1, 3), (lines[^1].GetProperty("present").GetInt32(), lines[^1].GetProperty("imported").GetInt32(),
            lines[^1].GetProperty("refused").GetInt32()));
        Assert.Equal("The account has 4 SIMs, and no more are allowed.", lines[^2].GetProperty("reason").GetString());
        var sims = (await account.Kore.FetchAsync("/v1/Sims")).Is(200).Json.GetProperty("sims");
        (await account.Kore.DropAsync($"/v1/Sims/{sims[0].GetProperty("sid").GetString()}")).Is(204);
        Assert.Equal(1, (await server.ImportAsync(Rows(2), account.Sid))[^1].GetProperty("imported").GetInt32());

        var sim = sims[1].GetProperty("sid").GetString()!;
        (await account.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "active"), ("RatePlan", "plan-1"))).Is(202);
        await server.UntilShownAsync(sim, "active");
        await server.FaultAsync("""{"carrier":"test","kind":"down"}""");
        Task<Answer> SendAsync() => account.Kore.FormAsync("/v1/Commands", ("Sim", sim), ("Command", "x"));
        for (var number = 0; number < 2; number++)
            (await SendAsync()).Is(201);
        var full = await SendAsync();
        Assert.Equal((429, "20429"), (full.Status, full["code"]));
        Assert.NotNull(full.Headers.RetryAfter);
    }

    private static string Rows(int count) =>
        string.Join('\n', [.. Enumerable.Range(0, count).Select(_ => $"{Fleet.Iccid()},test").Prepend("iccid,provider"), ""]);

    private static Task<Answer> PatchAsync(TestServer server, string sim, int number) => server.Gigs.CallAsync(
        "PATCH", $"/projects/sandbox/sims/{Fleet.GigsId(sim)}",
        $$$"""{"metadata":{"number":"{{{number}}}","more":"{{{new string('é', 200)}}}"}}""");

    private static async Task<(int Changed, Answer Refused)> UntilRefusedAsync(Func<int, Task<Answer>> change)
    {
        for (var number = 0; ; number++)
        {
            var answer = await change(number);
            if (answer.Status == (int)HttpStatusCode.TooManyRequests)
                return (number, answer);
            answer.Is(200);
            Assert.True(number < 10_000, "Nothing bounds it.");
        }
    }
}
