using System.Globalization;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Callers who fill the store with requests that change nothing, each under an Idempotency-Key of its own.</summary>
[Attack]
public sealed class IdempotencyAttack
{
    private const string Search = "/projects/sandbox/sims/search";
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public async Task A_key_that_may_only_read_stores_nothing_under_however_many_keys()
    {
        await using var server = await TestServer.StartAsync();
        var body = await BodyAsync(server);
        using var reader = server.Bearer("gpk_sandbox_read");

        await Parallel.ForAsync(0, AttackAttribute.Size(100, 20_000), TestContext.Current.CancellationToken, async (number, _) =>
            (await SearchAsync(reader, $"key {number}", body)).Is(200));

        Assert.Empty(Rows(server));
        var first = (await SearchAsync(server.Gigs, "key 1", body)).Is(200);
        (await SearchAsync(reader, "key 1", """{"iccid":"8988307000000000000"}""")).Is(422);
        Assert.Equal(first.Text, (await SearchAsync(reader, "key 1", body)).Text);
    }

    [Theory]
    [InlineData("Gigs:IdempotencyRows", "100", 100)]
    [InlineData("Gigs:IdempotencyBytes", "65536", 65536 / 300)]
    public async Task Of_an_accounts_keys_the_newest_are_remembered_up_to_a_number_of_rows_and_bytes(string setting, string most, int rows)
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { [setting] = most });
        var body = await BodyAsync(server);
        var count = AttackAttribute.Size(400, 20_000);
        for (var number = 0; number < count; number++)
            (await SearchAsync(server.Gigs, $"key {number}", body)).Is(200);

        Assert.InRange(Rows(server).Count, 1, rows + 64);
        (await SearchAsync(server.Gigs, $"key {count - 1}", """{"iccid":"8988307000000000000"}""")).Is(422);
        (await SearchAsync(server.Gigs, "key 0", """{"iccid":"8988307000000000000"}""")).Is(200);
    }

    [Fact]
    public async Task Keys_of_an_account_that_calls_no_more_go_when_their_time_is_over()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: wall);
        var body = await BodyAsync(server);
        for (var number = 0; number < 250; number++)
            (await SearchAsync(server.Gigs, $"key {number}", body)).Is(200);

        wall.Move(Day);

        await Calls.UntilAsync(() => Task.FromResult(Rows(server)), rows => rows.Count == 0);
    }

    [Fact]
    public async Task Keys_from_before_the_clock_was_set_back_hold_nobody_up_and_go()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: wall);
        var body = await BodyAsync(server);
        wall.Move(30 * Day);
        foreach (var key in new[] { "one", "two" })
            (await SearchAsync(server.Gigs, key, body)).Is(200);
        wall.Move(-30 * Day);
        wall.Pass(TimeSpan.FromMinutes(1));

        var other = (await SearchAsync(server.Gigs, "one", """{"iccid":"8988307000000000000"}""")).Is(200);

        Assert.Empty(other.Items);
        Assert.Equal(other.Text, (await SearchAsync(server.Gigs, "one", """{"iccid":"8988307000000000000"}""")).Is(200).Text);
        await Calls.UntilAsync(() => Task.FromResult(Rows(server)), rows => rows.Count == 1);
        Assert.Equal(["one"], Rows(server));
    }

    private static IReadOnlyList<string> Rows(TestServer server) => Store.Rows(server, "select key from idempotency");

    private static async Task<string> BodyAsync(TestServer server)
    {
        var sim = (await server.Gigs.FetchAsync("/projects/sandbox/sims?limit=1")).Items[0];
        return string.Create(CultureInfo.InvariantCulture, $$"""{"iccid":"{{sim.GetProperty("iccid").GetString()}}"}""");
    }

    private static Task<Answer> SearchAsync(HttpClient client, string key, string body) =>
        client.JsonAsync(Search, body, ("Idempotency-Key", key));
}
