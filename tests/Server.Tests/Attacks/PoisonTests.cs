using System.Net.ServerSentEvents;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Tests.Deliveries;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Rows that nobody can read, and work that throws. Each is a failed attempt, it ends, and it stops nothing else.</summary>
[Attack]
public sealed class PoisonTests
{
    private const string Nowhere = "http://127.0.0.1:1/";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("url = 'nonsense'")]
    [InlineData("url = 'http://\u202E.test/'")]
    [InlineData("url = 'http://a%40b:c@.test/'")]
    [InlineData("url = 'https://h.test/#sealed=nonsense'")]
    [InlineData("dialect = 'nobody'")]
    [InlineData("state = 'lost'")]
    [InlineData("method = 'PU T'")]
    public async Task A_delivery_whose_row_is_broken_is_dead_after_its_attempts_and_holds_up_no_other(string change)
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var (poisoned, other) = (await server.SimAsync(), await server.SimAsync());
        await server.FreezeAsync();
        await CallBackAsync(server, poisoned, Nowhere);
        await server.AttemptsAsync(poisoned, 1);
        Store.Execute(server, $"update deliveries set {change}");

        await CallBackAsync(server, other, receiver.Url);
        await server.AdvanceAsync("72h");

        Assert.Single(receiver.All);
        Assert.Equal(["dead|8"], Store.Rows(server, "select state, attempts from deliveries where sim_id = $sim", poisoned));
        var attempts = await server.AttemptsAsync(poisoned, 8);
        Assert.All(attempts, attempt => Assert.NotEqual("", attempt.Split('|')[3]));
        Assert.InRange(Errors(server), 0, 2);
    }

    [Fact]
    public async Task Broken_rows_stop_neither_a_list_nor_a_stream()
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.ServedAsync();
        await server.HookAsync(Nowhere);
        await server.SendAsync(sim);
        await CallBackAsync(server, sim, Nowhere);
        await server.NoteAsync(sim, "1");
        await Calls.UntilAsync(() => Task.FromResult(Store.Rows(server, "select 1 from deliveries").Count), count => count >= 2);
        string[] lists = ["deliveries", "deliveries?state=pending", "operations", "events", "webhook-endpoints"];

        foreach (var change in new[]
        {
            "deliveries set dialect = 'nobody'", "operations set kind = 'nonsense'", "operations set wanted = 'nonsense'",
            "events set data = '{'", "webhook_endpoints set events = '{'", "commands set mode = 'nonsense'",
        })
        {
            Store.Execute(server, "update " + change);
            foreach (var list in lists)
                (await server.Operator.FetchAsync($"/operator/v1/{list}")).Is(200);
            (await server.Kore.FetchAsync("/v1/Events")).Is(200);
            (await server.Kore.FetchAsync("/v1/Commands")).Is(200);
        }
        var two = Store.Rows(server, "select 1 from deliveries").Count;
        var page = (await server.Operator.FetchAsync("/operator/v1/deliveries?limit=1")).Is(200);
        Assert.Empty(page.Items);
        Assert.Equal(two > 1, page["next"] is not null);
        Assert.InRange(server.Log.Lines.Count(line => line.Contains("the table operations", StringComparison.Ordinal)), 1, 1);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/operator/v1/stream");
        request.Headers.Add("Last-Event-ID", "dlv_" + new string('0', 22));
        using var stream = await server.Operator.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        var events = SseParser.Create(await stream.Content.ReadAsStreamAsync(Cancelled)).EnumerateAsync(Cancelled);
        Store.Execute(server, "update webhook_endpoints set events = '[\"*\"]'");
        var later = await server.SimAsync();
        await CallBackAsync(server, later, Nowhere);
        await foreach (var told in events)
        {
            if (told.EventType == "delivery" && told.Data.Contains(later, StringComparison.Ordinal))
                break;
        }
    }

    [Fact]
    public async Task A_timer_and_a_data_limit_of_a_broken_SIM_wait_and_the_clock_moves_past_them()
    {
        await using var server = await TestServer.StartAsync();
        var (broken, sound) = (await server.SimAsync(), await server.SimAsync());
        await server.FreezeAsync();
        foreach (var sim in new[] { broken, sound })
            await server.ReachAsync(server.Kore, sim, "deactivated");
        Store.Rows(server, """
            insert into jobs (org_id, kind, subject_id, lane, budget, due_at)
            select org_id, 'data limit', id, 6, '', 0 from sims where id = $sim returning 1
            """, broken);
        Store.Rows(server, "update sims set metadata = '{' where id = $sim returning 1", broken);

        await server.AdvanceAsync("30d");

        Assert.Equal("canceled", await server.ShownAsync(sound));
        Assert.Equal(["data limit", "timer"],
            Store.Rows(server, "select kind from jobs where failures > 3 and last_error is not null order by kind"));
        Assert.Equal(2, Errors(server));

        Store.Rows(server, "update sims set metadata = null where id = $sim returning 1", broken);
        await server.AdvanceAsync("25h");
        Assert.Equal("canceled", await server.ShownAsync(broken));
        Assert.Equal(["0"], Store.Rows(server, "select count(*) from jobs where failures > 0"));
    }

    [Fact]
    public async Task Operations_and_Commands_whose_work_throws_show_the_reason_and_end_at_their_deadline()
    {
        var carrier = new Throwing();
        await using var server = await TestServer.StartAsync(seams: Seams.None with { Carrier = carrier.Around });
        await using var receiver = await Receiver.StartAsync();
        var (sim, speaker) = (await server.SimAsync("test"), await server.ServedAsync());
        await server.FreezeAsync();
        carrier.Throws = true;
        await server.AskAsync(sim, "active", receiver.Url + "/operation");
        var command = await server.SendAsync(speaker, ("CallbackUrl", receiver.Url + "/command"));

        await server.AdvanceAsync("1h");
        var open = await server.NewestOperationAsync(sim);
        Assert.Equal("open", open.GetProperty("state").GetString());
        Assert.InRange(open.GetProperty("attempts").GetInt32(), 10, 100);
        Assert.Contains("NotSupportedException", open.GetProperty("lastError").GetString(), StringComparison.Ordinal);
        await server.AdvanceAsync("24h");

        Assert.Equal("expired", (await server.NewestOperationAsync(sim)).GetProperty("state").GetString());
        Assert.Equal("failed", await server.CommandAsync(command));
        Assert.Equal(2, (await receiver.GotAsync(2)).Count);
        Assert.Equal(2, Errors(server));
    }

    [Fact]
    public async Task An_operation_whose_row_is_broken_waits_and_the_clock_moves_past_it()
    {
        await using var server = await TestServer.StartAsync();
        var (broken, sound) = (await server.SimAsync(), await server.SimAsync());
        await server.FreezeAsync();
        await server.AskAsync(broken, "active");
        await server.AskAsync(sound, "active");
        Store.Rows(server, "update operations set wanted = 'nonsense' where sim_id = $sim returning 1", broken);

        await server.AdvanceAsync("30d");

        Assert.Equal("expired", (await server.NewestOperationAsync(sound)).GetProperty("state").GetString());
        Assert.Equal(1, Errors(server));
    }

    private static int Errors(TestServer server) => server.Log.Lines
        .Count(line => line.Contains("job", StringComparison.Ordinal) && line.StartsWith("Error", StringComparison.Ordinal));

    private static async Task CallBackAsync(TestServer server, string sim, string url) =>
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "x"), ("CallbackUrl", url))).Is(200);

    /// <summary>A carrier whose adapter throws where nobody expects it.</summary>
    private sealed class Throwing
    {
        public volatile bool Throws;

        public ICarrier Around(ICarrier inner) => new Adapter(this, inner);

        private sealed class Adapter(Throwing all, ICarrier inner) : ICarrier
        {
            public string Kind => inner.Kind;

            public Capabilities Capabilities => all.Throws ? throw new NotSupportedException() : inner.Capabilities;

            public CarrierHealth Health => inner.Health;

            public bool AnswersLater => inner.AnswersLater;

            public void Start(ICarrierEvents events) => inner.Start(events);

            public Task<CarrierAnswer> ApplyAsync(CarrierCall call, CancellationToken stop) => inner.ApplyAsync(call, stop);

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
