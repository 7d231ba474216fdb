using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
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
        await PostAsync(server.Operator, "/operator/v1/clock/freeze", "{}");
        var sid = (await GetAsync(server.Kore, "/v1/Sims?PageSize=1")).GetProperty("sims")[0].GetProperty("sid").GetString();
        var kore = server.Kore;

        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(async number =>
        {
            using var form = new FormUrlEncodedContent(
            [
                new("Status", "active"), new("RatePlan", TestServer.PlanSid), new("CallbackUrl", $"http://receiver.test/{number}"),
            ]);
            using var response = await kore.PostAsync($"/v1/Sims/{sid}", form, TestContext.Current.CancellationToken);
            using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            return (number, response.StatusCode, Body: json.RootElement.Clone());
        }));

        var winner = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Accepted);
        Assert.Equal("updating", winner.Body.GetProperty("status").GetString());
        Assert.All(answers.Where(answer => answer.number != winner.number), answer =>
        {
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
            Assert.Equal(33010, answer.Body.GetProperty("code").GetInt32());
        });

        await PostAsync(server.Operator, "/operator/v1/clock/advance", """{"by":"1m"}""");
        var operation = Assert.Single(
            (await GetAsync(server.Operator, $"/operator/v1/operations?sim={sid}")).GetProperty("items").EnumerateArray());
        Assert.Equal("done", operation.GetProperty("state").GetString());
        var happened = Assert.Single((await GetAsync(server.Operator, $"/operator/v1/events?sim={sid}&type=sim.updated"))
            .GetProperty("items").EnumerateArray());
        Assert.Equal("active", happened.GetProperty("data").GetProperty("updated").GetProperty("status").GetString());
        Assert.Equal($"/{winner.number}", Assert.Single(called));
        Assert.Equal("active", (await GetAsync(server.Kore, $"/v1/Sims/{sid}")).GetProperty("status").GetString());
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, string path)
    {
        using var json = JsonDocument.Parse(await client.GetStringAsync(path, TestContext.Current.CancellationToken));
        return json.RootElement.Clone();
    }

    private static async Task PostAsync(HttpClient client, string path, string body)
    {
        using var content = new StringContent(body);
        using var response = await client.PostAsync(path, content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
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
