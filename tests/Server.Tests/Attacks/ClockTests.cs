using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>The clock of a machine that is wrong, and is then set right, as a time service does after a bad start.</summary>
[Attack]
public sealed class ClockTests
{
    private static readonly TimeSpan Hours72 = TimeSpan.FromHours(72);

    public static TheoryData<string> Steps => ["-00:00:30", "-03:00:00", "-30.00:00:00", "00:00:30", "12:00:00"];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_change_under_way_ends_and_its_callback_comes_however_the_clock_is_set(string step)
    {
        var wall = new MovableTime();
        await using var receiver = await Receiver.StartAsync();
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Carriers:test:Delay"] = "2s" }, wall);
        var sim = await server.SimAsync("test");
        await server.AskAsync(sim, "active", receiver.Url);

        wall.Move(TimeSpan.Parse(step));

        await server.UntilShownAsync(sim, "active");
        await receiver.GotAsync(1);
        await server.AskAsync(sim, "suspended", receiver.Url);
        await server.UntilShownAsync(sim, "suspended");
        await receiver.GotAsync(2);
    }

    [Fact]
    public async Task What_was_made_while_the_clock_was_ahead_goes_on_after_a_restart_with_the_right_time()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Carriers:test:Delay"] = "30s" }, wall);
        wall.Move(TimeSpan.FromDays(30));
        var sim = await server.SimAsync("test");
        await server.AskAsync(sim, "active");
        await server.StopAsync();
        wall.Move(TimeSpan.FromDays(-30));

        await server.RestartAsync();

        // The carrier may hear of it for the first time after the restart: its delay then begins there.
        await Calls.UntilAsync(() =>
        {
            wall.Pass(TimeSpan.FromSeconds(31));
            return server.ShownAsync(sim);
        }, shown => shown == "active");
    }

    [Fact]
    public async Task A_timer_that_was_set_while_the_clock_was_ahead_comes_at_most_its_time_after_the_clock_was_set_right()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: wall);
        wall.Move(TimeSpan.FromDays(30));
        var sim = await server.SimAsync("test");
        await server.AskAsync(sim, "deactivated");
        await server.UntilShownAsync(sim, "deactivated");

        wall.Move(TimeSpan.FromDays(-30));

        var ahead = $"select count(*) from sims where status_since > {wall.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds()}";
        await Calls.UntilAsync(() => Task.FromResult(Store.Rows(server, ahead)[0]), count => count == "0");
        wall.Move(Hours72);
        await server.UntilShownAsync(sim, "canceled");
    }

    [Fact]
    public async Task A_timer_that_was_set_while_the_clock_was_ahead_comes_also_when_a_change_was_open_as_the_clock_was_set_right()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: wall);
        wall.Move(TimeSpan.FromDays(400));
        var sim = await server.SimAsync();
        await server.ReachAsync(server.Kore, sim, "deactivated");
        await server.AskAsync(sim, "active");
        await server.OperationAsync(sim);

        wall.Move(TimeSpan.FromDays(-400));

        await NoticedAsync(server, wall);
        await server.EndAsync(sim, "refused");
        wall.Move(Hours72);
        await server.UntilShownAsync(sim, "canceled");
    }

    [Fact]
    public async Task A_Command_that_was_accepted_while_the_clock_was_ahead_fails_and_is_removed_in_its_time()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: wall);
        wall.Move(TimeSpan.FromDays(400));
        var sim = await server.SimAsync();
        await server.ReachAsync(server.Kore, sim, "active");
        var command = await server.SendAsync(sim);
        var heard = await server.SpeakAsync(sim);

        wall.Move(TimeSpan.FromDays(-400));

        await NoticedAsync(server, wall);
        wall.Move(TimeSpan.FromHours(24));
        await server.UntilCommandAsync(command, "failed");
        wall.Move(TimeSpan.FromDays(30));
        foreach (var sid in new[] { command, heard })
            await Calls.UntilAsync(() => server.Kore.FetchAsync($"/v1/Commands/{sid}"), answer => answer.Status == 404);
    }

    [Fact]
    public async Task A_fault_that_was_put_while_the_clock_was_ahead_lasts_no_longer_than_was_asked()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: wall);
        wall.Move(TimeSpan.FromDays(400));
        var sim = await server.SimAsync("test");
        await server.FaultAsync("""{"carrier":"test","kind":"down","for":"10m"}""");

        wall.Move(TimeSpan.FromDays(-400));

        await server.AskAsync(sim, "active");
        await server.UntilShownAsync(sim, "scheduled");
        wall.Move(TimeSpan.FromMinutes(15));
        await server.UntilShownAsync(sim, "active");
    }

    [Fact]
    public async Task Nothing_that_is_made_after_the_clock_was_set_right_looks_as_if_it_were_made_in_the_future()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: wall);
        var early = await server.SimAsync("test");
        wall.Move(TimeSpan.FromDays(7));
        var ahead = await server.SimAsync("test");
        await server.AskAsync(early, "active");
        await server.UntilShownAsync(early, "active");
        wall.Move(TimeSpan.FromDays(-7));

        var late = await server.SimAsync("test");
        await server.AskAsync(early, "suspended");
        await server.UntilShownAsync(early, "suspended");

        var soon = wall.GetUtcNow() + TimeSpan.FromMinutes(1);
        Assert.InRange(await server.DateAsync(late, "date_created"), soon - TimeSpan.FromMinutes(2), soon);
        Assert.InRange(await server.DateAsync(early, "date_updated"), soon - TimeSpan.FromMinutes(2), soon);
        var listed = (await server.Kore.FetchAsync("/v1/Sims?PageSize=2")).Is(200).Json.GetProperty("sims").EnumerateArray()
            .Select(listed => listed.GetProperty("sid").GetString()!);
        Assert.Equal([late, ahead], listed);
        var told = (await server.Operator.FetchAsync($"/operator/v1/events?sim={early}")).Is(200).Items;
        Assert.True(DateTimeOffset.Parse(told.Length == 0 ? "" : told[0].GetProperty("at").GetString()!) <= soon);
    }

    [Fact]
    public async Task A_token_that_was_issued_while_the_clock_was_ahead_ends_when_the_clock_is_set_right()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: wall);
        wall.Move(TimeSpan.FromDays(30));
        var (id, secret) = await server.KeyAsync("client");
        using var asker = server.Basic(id, secret);
        var token = (await asker.FormAsync("/api-services/v1/auth/token", ("grant_type", "client_credentials"))).Is(200);
        (await server.Bearer(token["access_token"]!).FetchAsync("/v1/Sims")).Is(200);

        wall.Move(TimeSpan.FromDays(-30));

        (await server.Bearer(token["access_token"]!).FetchAsync("/v1/Sims")).Is(403);
    }

    [Fact]
    [SqliteOnly]
    public async Task Servers_whose_clocks_disagree_by_hours_do_one_anothers_work_at_once()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        var shared = Seams.None with { Time = static (store, wall) => store.Time(wall) };
        Task<TestServer> StartAsync(string role, double hours) => TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Storage:Database"] = database.ConnectionString,
            ["Jobs:Role"] = role,
        }, new MovableTime(DateTimeOffset.UtcNow.AddHours(hours)), shared);
        await using var ahead = await StartAsync("api", 5);
        await using var behind = await StartAsync("worker", -5);
        var sim = await ahead.SimAsync("test");

        await ahead.AskAsync(sim, "active");

        await ahead.UntilShownAsync(sim, "active");
        var soon = DateTimeOffset.UtcNow.AddMinutes(5);
        Assert.InRange(await ahead.DateAsync(sim, "date_updated"), soon.AddMinutes(-10), soon);
    }

    /// <summary>Waits until no job is left from before the clock was set right.</summary>
    private static async Task NoticedAsync(TestServer server, MovableTime wall)
    {
        var ahead = $"select count(*) from jobs where set_at > {wall.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds()}";
        await Calls.UntilAsync(() => Task.FromResult(Store.Rows(server, ahead)[0]), count => count == "0");
    }
}

/// <summary>The times of a SIM.</summary>
file static class Times
{
    public static async Task<DateTimeOffset> DateAsync(this TestServer server, string sim, string name) =>
        DateTimeOffset.Parse((await server.Kore.FetchAsync($"/v1/Sims/{sim}")).Is(200)[name]!);
}
