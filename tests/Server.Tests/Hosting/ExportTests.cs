using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Hosting;

public sealed class ExportTests
{
    [Fact]
    public async Task A_collector_gets_metrics_traces_and_logs_and_no_secret()
    {
        await using var collector = await Receiver.StartAsync();
        await using var hooks = await Receiver.StartAsync();
        string qrCode;
        await using (var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Telemetry:OtlpEndpoint"] = collector.Url,
            ["Telemetry:Interval"] = "1s",
        }))
        {
            var sims = (await server.Gigs.FetchAsync("/projects/sandbox/sims?limit=200"))
                .Is(200).Items;
            var esim = sims.First(sim => sim.GetProperty("type").GetString() == "eSIM").GetProperty("id").GetString();
            qrCode = new Uri((await server.Gigs.FetchAsync($"/projects/sandbox/sims/{esim}/credentials"))
                .Is(200)["qrCodeUrl"]!).AbsolutePath;
            using (var image = await server.Anonymous.GetAsync(qrCode, TestContext.Current.CancellationToken))
                Assert.True(image.IsSuccessStatusCode);
            var sid = (await server.Kore.FetchAsync("/v1/Sims?PageSize=1"))
                .Is(200).Json.GetProperty("sims")[0].GetProperty("sid").GetString();
            (await server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "active"), ("RatePlan", "sandbox-plan"), ("CallbackUrl", hooks.Url)))
                .Is(202);
            await hooks.GotAsync(1);
            await Calls.UntilAsync(() => Task.FromResult(Sent(collector, "/v1/metrics")),
                sent => sent.Contains("simkeeper.queue.oldest_due", StringComparison.Ordinal)
                    && sent.Contains("simkeeper.delivery.attempts", StringComparison.Ordinal));
        }

        foreach (var metric in new[]
        {
            "simkeeper.kept.oldest", "simkeeper.kept.size", TestDatabase.IsWanted ? "simkeeper.kept.rows" : "sim_moves",
            "simkeeper.queue.due", "simkeeper.queue.oldest_due", "simkeeper.delivery.attempts", "simkeeper.carrier.call.duration",
            TestDatabase.IsWanted ? "simkeeper.queue.due" : "simkeeper.store.commit.size", "http.server.request.duration", "simkeeper.api",
        })
        {
            Assert.Contains(metric, Sent(collector, "/v1/metrics"), StringComparison.Ordinal);
        }
        Assert.Contains("/projects/sandbox/sims", Sent(collector, "/v1/traces"), StringComparison.Ordinal);
        Assert.Contains("carrier call", Sent(collector, "/v1/traces"), StringComparison.Ordinal);
        Assert.Contains("deliver", Sent(collector, "/v1/traces"), StringComparison.Ordinal);
        Assert.Contains("Simkeeper listens", Sent(collector, "/v1/logs"), StringComparison.Ordinal);
        foreach (var sent in collector.All)
        {
            Canaries.Check("telemetry", sent.Body);
            Assert.DoesNotContain(qrCode["/qrcode/".Length..], sent.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_collector_that_is_away_holds_nothing_up()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Telemetry:OtlpEndpoint"] = "http://127.0.0.1:1",
            ["Telemetry:Interval"] = "1s",
        });

        (await server.Gigs.FetchAsync("/projects/sandbox/sims")).Is(200);
    }

    private static string Sent(Receiver collector, string path) => string.Concat(collector.All
        .Where(request => new Uri(request.Url).AbsolutePath == path).Select(request => request.Body));
}
