using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Somebody sends more requests a second than a key, an account or an address may.</summary>
[Attack]
[SqliteOnly]
public sealed class RatesAttack
{
    private const int Burst = 20;
    private readonly MovableTime _wall = new();

    [Theory]
    [InlineData("Key", "gigs", "/projects/sandbox/sims", "type", "tooManyRequests")]
    [InlineData("Account", "kore", "/v1/Sims", "code", "20429")]
    [InlineData("Address", "operator", "/operator/v1/sims", "code", "tooManyRequests")]
    public async Task Beyond_the_limit_the_answer_is_429_until_time_has_passed(
        string of, string api, string path, string member, string value)
    {
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { [$"Http:RequestsPerSecondPer{of}"] = "1" }, _wall);
        var client = api switch { "gigs" => server.Gigs, "kore" => server.Kore, _ => server.Operator };

        var answers = await Task.WhenAll(Enumerable.Range(0, Burst).Select(_ => client.FetchAsync(path)));

        Assert.Contains(answers, answer => answer.Status == 200);
        var refused = answers.First(answer => answer.Status == 429);
        Assert.Equal(value, refused[member]);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        _wall.Move(TimeSpan.FromHours(-1));
        _wall.Pass(TimeSpan.FromSeconds(2));
        (await client.FetchAsync(path)).Is(200);
    }

    [Fact]
    public async Task An_address_is_bounded_also_without_a_key_and_others_are_not()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Http:RequestsPerSecondPerAddress"] = "1",
            ["Http:TrustedProxies"] = "127.0.0.1",
        });
        Task<Answer> FetchAsync(string address) => server.Anonymous.FetchAsync("/v1/Sims", ("X-Forwarded-For", address));

        var answers = await Task.WhenAll(Enumerable.Range(0, Burst).Select(i => FetchAsync($"2001:db8::{i}")));

        Assert.Contains(answers, answer => answer.Status == 429);
        (await FetchAsync("2001:db8:0:1::1")).Is(401);
    }

    [Fact]
    public async Task The_key_of_another_account_is_not_touched()
    {
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Http:RequestsPerSecondPerAccount"] = "1" }, _wall);
        var other = (await server.AccountAsync()).Kore;

        var answers = await Task.WhenAll(Enumerable.Range(0, Burst).Select(i => (i % 2 == 0 ? server.Gigs : server.Kore).FetchAsync(
            i % 2 == 0 ? "/projects/sandbox/sims" : "/v1/Sims")));

        Assert.Contains(answers, answer => answer.Status == 429);
        (await other.FetchAsync("/v1/Sims")).Is(200);
    }
}
