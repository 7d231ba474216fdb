using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Operator;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Jobs;

public sealed class ClockTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task It_moves_by_a_duration_or_to_a_time_and_runs_on_when_resumed()
    {
        await using var server = await TestServer.StartAsync();
        var start = await server.FreezeAsync();

        Assert.Equal(start.AddHours(72), await server.AdvanceAsync("72h"));
        await server.AdvanceToAsync(start.AddHours(100));
        var stands = (await server.Operator.FetchAsync("/operator/v1/clock")).Is(200);
        Assert.Equal((start.AddHours(100), "true"), (SimTime.Time(stands.Json, "now"), stands["frozen"]));

        Assert.Equal("false", (await server.Operator.JsonAsync("/operator/v1/clock/resume", "")).Is(200)["frozen"]);
        await Calls.UntilAsync(server.NowAsync, now => now > start.AddHours(100));
        Assert.True(await server.AdvanceAsync("1h") > start.AddHours(101));
    }

    [Fact]
    public async Task A_clock_that_runs_is_ahead_by_just_what_it_was_moved_however_long_that_took()
    {
        await using var server = await TestServer.StartAsync();
        for (var moves = 0; moves < 3; moves++)
            await server.AdvanceAsync("24h");

        Assert.Equal("3d", (await server.Operator.FetchAsync("/operator/v1/clock")).Is(200)["offset"]);
    }

    [Fact]
    [SqliteOnly]
    public async Task A_moment_that_cannot_be_stored_does_nothing()
    {
        var store = new RefusesOne();
        await using var server = await TestServer.StartAsync(seams: Seams.None with { Database = store.Of });
        var start = await server.FreezeAsync();
        var sim = await server.SimAsync();
        await server.ReachAsync(server.Kore, sim, "active");
        await server.ReachAsync(server.Kore, sim, "deactivated");

        store.RefuseNext();
        (await server.Operator.JsonAsync("/operator/v1/clock/advance", """{"by":"100h"}""")).Is(503);

        Assert.Equal(start, await server.NowAsync());
        Assert.Equal("deactivated", await server.ShownAsync(sim));
        await server.AdvanceAsync("100h");
        Assert.Equal("canceled", await server.ShownAsync(sim));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"by":"1h","to":"2100-01-01T00:00:00Z"}""")]
    [InlineData("""{"by":"72"}""")]
    [InlineData("""{"by":72}""")]
    [InlineData("""{"by":"-1h"}""")]
    [InlineData("""{"by":"40000d"}""")]
    [InlineData("""{"to":"tomorrow"}""")]
    [InlineData("""{"to":"2020-01-01T00:00:00Z"}""")]
    [InlineData("""{"to":"9999-12-31T23:59:59Z"}""")]
    [InlineData("""{"by":"1h","why":"x"}""")]
    public async Task A_move_that_makes_no_sense_or_goes_back_is_refused_and_the_clock_stands_where_it_was(string body)
    {
        await using var server = await TestServer.StartAsync();
        var start = await server.FreezeAsync();

        (await server.Operator.JsonAsync("/operator/v1/clock/advance", body)).Is(400);

        Assert.Equal(start, await server.NowAsync());
        Assert.Equal(start.AddHours(1), await server.AdvanceAsync("1h"));
    }

    [Fact]
    public async Task Outside_a_sandbox_it_can_only_be_read()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Sandbox:Enabled"] = "false" });
        var credentials = JsonDocument.Parse(await File.ReadAllTextAsync(
            Path.Combine(server.Data, "credentials.json"), TestContext.Current.CancellationToken)).RootElement;
        var client = server.Bearer(credentials.GetProperty("operatorKey").GetString()!);

        (await client.FetchAsync("/operator/v1/clock")).Is(200);
        foreach (var (path, body) in new[]
        {
            ("clock/advance", """{"by":"1h"}"""), ("clock/freeze", ""), ("clock/resume", ""), ("faults", """{"kind":"down"}"""),
        })
        {
            Assert.Equal("stateForbids", (await client.JsonAsync($"/operator/v1/{path}", body)).Is(409)["code"]);
        }
        (await client.FetchAsync("/operator/v1/faults")).Is(409);
        (await client.DropAsync("/operator/v1/faults")).Is(409);
    }

    [Fact]
    public async Task Everything_due_happens_in_order_at_its_own_moment_on_events_and_callbacks()
    {
        await using var server = await TestServer.StartAsync();
        var heard = new ConcurrentQueue<Heard>();
        await using var receiver = await server.ListenAsync(heard);
        var (a, b, c) = (await server.SimAsync("test"), await server.SimAsync("test"), await server.SimAsync("test"));
        var (d, e) = (await server.SimAsync("test"), await server.SimAsync("test"));
        var start = await server.FreezeAsync();
        await server.AskAsync(c, "active");
        await server.AdvanceAsync("1h");
        foreach (var (sim, status) in new[] { (a, "ready"), (b, "deactivated"), (c, "suspended"), (d, "ready"), (e, "deactivated") })
        {
            await server.AskAsync(sim, status, receiver.Url);
            await server.AdvanceAsync("1h");
        }
        DateTimeOffset Settled(int hour) => start.AddHours(hour) + Delay;
        var before = await server.NowAsync();

        Assert.Equal(before.AddDays(100), await server.AdvanceAsync("100d"));

        (string Sim, string Told, DateTimeOffset At)[] expected =
        [
            (b, "canceled", Settled(2).AddHours(72)),
            (e, "canceled", Settled(5).AddHours(72)),
            (a, "active", Settled(1).AddMonths(3)),
            (c, "sim.suspension_notice", Settled(3).AddMonths(3)),
            (d, "active", Settled(4).AddMonths(3)),
        ];
        var events = (await server.EventsAsync()).Where(happened => SimTime.Time(happened, "at") > before);
        Assert.Equal(expected, events.Select(happened =>
            (happened.GetProperty("sim").GetString()!, SimTime.Told(happened), SimTime.Time(happened, "at"))));
        Assert.Equal(
            [
                new Heard(a, "ready", null, Settled(1)), new Heard(b, "deactivated", null, Settled(2)),
                new Heard(c, "suspended", null, Settled(3)), new Heard(d, "ready", null, Settled(4)),
                new Heard(e, "deactivated", null, Settled(5)),
                .. expected.Where(step => step.Sim != c).Select(step => new Heard(step.Sim, step.Told, null, step.At)),
            ],
            heard);
    }

    [Fact]
    public async Task While_it_stands_a_SIM_stays_updating_and_resuming_finishes_the_change()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Carriers:test:Delay"] = "1ms" });
        var sim = await server.SimAsync("test");
        var start = await server.FreezeAsync();
        await server.AskAsync(sim, "active");

        for (var look = 0; look < 50; look++)
            Assert.Equal("updating", await server.ShownAsync(sim));
        Assert.Equal(start, await server.NowAsync());
        await server.Operator.JsonAsync("/operator/v1/clock/resume", "");

        await server.UntilShownAsync(sim, "active");
    }

    [SqliteOnly]
    [Fact]
    public async Task A_folder_whose_clock_was_moved_starts_as_a_sandbox_only()
    {
        var folder = Directory.CreateTempSubdirectory("simkeeper-clock-");
        try
        {
            var settings = new Dictionary<string, string?> { ["Storage:Data"] = folder.FullName, ["Http:Urls"] = "http://127.0.0.1:0" };
            DateTimeOffset moved;
            await using (var server = await TestServer.StartAsync(settings))
                moved = await server.AdvanceAsync("72h");

            var production = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
            var refused = await Assert.ThrowsAsync<StartException>(() => App.StartAsync(production, TimeProvider.System, _ => { }));
            Assert.Contains("--sandbox", refused.Message, StringComparison.Ordinal);

            await using var again = await TestServer.StartAsync(settings);
            Assert.True(await again.NowAsync() >= moved);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task It_survives_a_restart_whether_it_runs_or_stands()
    {
        await using var server = await TestServer.StartAsync();
        var moved = await server.AdvanceAsync("30d");

        await server.RestartAsync();
        Assert.True(await server.NowAsync() >= moved);
        var stands = await server.FreezeAsync();
        await server.RestartAsync();

        var clock = (await server.Operator.FetchAsync("/operator/v1/clock")).Is(200);
        Assert.Equal((stands, "true"), (SimTime.Time(clock.Json, "now"), clock["frozen"]));
    }

    [Fact]
    public async Task On_a_moved_clock_lists_and_pages_are_the_same_in_both_dialects()
    {
        await using var server = await TestServer.StartAsync();
        var early = await server.SimAsync();
        await server.AdvanceAsync("400d");
        var late = new[] { await server.SimAsync(), await server.SimAsync(), await server.SimAsync() };
        await server.AdvanceAsync("1d");
        var latest = await server.SimAsync();

        var kore = await WalkAsync(server.Kore, "/v1/Sims?PageSize=2", "sims", "sid", page =>
            page.GetProperty("meta").GetProperty("next_page_url").GetString() is { } next ? new Uri(next).PathAndQuery : null);
        var gigs = await WalkAsync(server.Gigs, "/projects/sandbox/sims?limit=2", "items", "id", page =>
            page.GetProperty("moreItemsAfter").GetString() is { } after ? $"/projects/sandbox/sims?limit=2&after={after}" : null);

        Assert.Equal([latest, .. late.Reverse(), early], kore.Take(5));
        Assert.Equal(kore.Count, kore.Distinct().Count());
        Assert.Equal(kore, gigs.Select(id => Core.Ids.TryParseBase62("sim", id, out var sim) ? Core.Ids.ToSid("DE", sim) : id));
        var created = (await server.Kore.FetchAsync($"/v1/Sims/{latest}"))["date_created"]!;
        Assert.InRange(DateTimeOffset.Parse(created, null), DateTimeOffset.UtcNow.AddDays(400), DateTimeOffset.UtcNow.AddDays(402));
    }

    [Fact]
    public async Task A_failing_receiver_is_tried_again_at_the_due_times_that_the_move_passes()
    {
        await using var server = await TestServer.StartAsync();
        var heard = new ConcurrentQueue<Heard>();
        await using var receiver = await server.ListenAsync(heard, answer: 500);
        var sim = await server.SimAsync("test");
        var start = await server.FreezeAsync();
        await server.AskAsync(sim, "active", receiver.Url);

        await server.AdvanceAsync("72h");

        var at = heard.Select(callback => callback.At).ToList();
        TimeSpan[] waits = [.. new[] { 5.0, 300, 1800, 7200, 18000, 36000, 36000 }.Select(TimeSpan.FromSeconds)];
        Assert.Equal(start + Delay, at[0]);
        Assert.Equal(waits.Length, at.Count - 1);
        Assert.All(waits.Index(), wait => Assert.InRange(at[wait.Index + 1] - at[wait.Index], wait.Item, wait.Item * 1.1));
    }

    [Fact]
    public async Task A_receiver_that_never_answers_holds_a_move_up_for_a_moment_only()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Deliveries:Timeout"] = "5m" });
        await using var receiver = await Receiver.StartAsync(HangAsync);
        var sim = await server.SimAsync("test");
        await server.FreezeAsync();
        await server.AskAsync(sim, "active", receiver.Url);

        await server.AdvanceAsync("1s"); // 200: it has ended within the time that a request waits for it.

        Assert.Single(receiver.All);
    }

    [Fact]
    public async Task A_long_move_is_answered_with_its_target_and_goes_on()
    {
        await using var server = await TestServer.StartAsync(wall: new ImpatientTime());
        await using var receiver = await Receiver.StartAsync(HangAsync);
        var sim = await server.SimAsync("test");
        var start = await server.FreezeAsync();
        await server.AskAsync(sim, "active", receiver.Url);

        var answer = (await server.Operator.JsonAsync("/operator/v1/clock/advance", """{"by":"3s"}""")).Is(202);

        Assert.Equal(start.AddSeconds(3), SimTime.Time(answer.Json, "target"));
        Assert.True(SimTime.Time(answer.Json, "now") < start.AddSeconds(3));
        await Calls.UntilAsync(server.NowAsync, now => now == start.AddSeconds(3));
    }

    private static async Task HangAsync(int number, Microsoft.AspNetCore.Http.HttpContext context)
    {
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    private static async Task<List<string>> WalkAsync(
        HttpClient client, string path, string items, string id, Func<JsonElement, string?> next)
    {
        var found = new List<string>();
        for (var page = path; page is not null;)
        {
            var answer = (await client.FetchAsync(page)).Is(200).Json;
            found.AddRange(answer.GetProperty(items).EnumerateArray().Select(item => item.GetProperty(id).GetString()!));
            page = next(answer);
        }
        return found;
    }

    /// <summary>The machine's time, except that nobody waits for a move.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == AdvanceClock.AnswerAfter ? TimeSpan.FromMilliseconds(1) : dueTime, period);
    }

    /// <summary>A store that refuses one write of a request.</summary>
    private sealed class RefusesOne
    {
        private int _left;

        public void RefuseNext() => Volatile.Write(ref _left, 1);

        public Database Of(Database inner) => new Refusing(inner, this);

        private sealed class Refusing(Database inner, RefusesOne of) : Database
        {
            public override ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work) => inner.ReadAsync(work);

            public override Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work) =>
                Patience.IsRequest && Interlocked.Exchange(ref of._left, 0) == 1
                    ? throw new StoreAwayException(new IOException("refused"))
                    : inner.WriteAsync(work);

            public override ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
