using System.Collections.Concurrent;
using System.Net;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Sims;

public sealed class ConcurrencyTests
{
    private const int Requests = 200;

    [Fact]
    public async Task Of_two_hundred_updates_at_once_one_is_accepted_and_nothing_of_it_is_lost()
    {
        var called = new ConcurrentBag<string>();
        await using var server = await TestServer.StartAsync(seams: Seams.None with { Receiver = _ => new Receiver(called) });
        await server.FreezeAsync();
        var sid = (await server.Kore.FetchAsync("/v1/Sims?PageSize=1")).Is(200).Json.GetProperty("sims")[0].GetProperty("sid").GetString();
        var kore = server.Kore;

        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(async number =>
        {
            var answer = await kore.FormAsync($"/v1/Sims/{sid}",
                ("Status", "active"), ("RatePlan", TestServer.PlanSid), ("CallbackUrl", $"http://receiver.test/{number}"));
            return (number, Answer: answer);
        }));

        var winner = Assert.Single(answers, answer => answer.Answer.Status == 202);
        Assert.Equal("updating", winner.Answer["status"]);
        Assert.All(answers.Where(answer => answer.number != winner.number), answer => Assert.Equal("33010", answer.Answer.Is(409)["code"]));

        await server.AdvanceAsync("1m");
        var operation = Assert.Single((await server.Operator.FetchAsync($"/operator/v1/operations?sim={sid}")).Is(200).Items);
        Assert.Equal("done", operation.GetProperty("state").GetString());
        var happened = Assert.Single((await server.Operator.FetchAsync($"/operator/v1/events?sim={sid}&type=sim.updated")).Is(200).Items);
        Assert.Equal("active", happened.GetProperty("data").GetProperty("updated").GetProperty("status").GetString());
        Assert.Equal($"/{winner.number}", Assert.Single(called));
        Assert.Equal("active", (await server.Kore.FetchAsync($"/v1/Sims/{sid}")).Is(200)["status"]);
    }

    private sealed class Receiver(ConcurrentBag<string> called) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            called.Add(request.RequestUri!.AbsolutePath);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }
}
