using Microsoft.Data.Sqlite;
using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Dialects.Gigs.Sandbox;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>Idempotency-Key on the one POST there is (developers.gigs.com/api/idempotent-requests).</summary>
public sealed class IdempotencyTests(Sandbox sandbox) : IClassFixture<Sandbox>
{
    private static int _keys;

    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_repeated_request_gets_the_first_answer_byte_for_byte_whatever_has_changed()
    {
        var key = NextKey();
        var (id, body) = await SimAsync(Server);
        var first = await SearchAsync(Server, key, body);
        await Server.Gigs.CallAsync("PATCH", $"{SimsPath}/{id}", $$$"""{"metadata":{"later":"{{{key}}}"}}""");
        var replayed = await SearchAsync(Server, key, body);
        Assert.Equal((first.Status, first.Text, first.ContentType), (replayed.Status, replayed.Text, replayed.ContentType));
        Assert.Equal(200, first.Status);
        Assert.NotEqual(first.Text, (await SearchAsync(Server, NextKey(), body)).Text);
        Assert.NotEqual(first.Text, (await SearchAsync(Server, null, body)).Text);
    }

    [Fact]
    public async Task An_empty_answer_is_kept_as_well()
    {
        var key = NextKey();
        const string Iccid = "8988307111111111111";
        var first = await SearchAsync(Server, key, $$"""{"iccid":"{{Iccid}}"}""");
        await Server.Operator.ImportRowsAsync("iccid,provider,type", [$"{Iccid},test,pSIM"]);
        Assert.Equal(first.Text, (await SearchAsync(Server, key, $$"""{"iccid":"{{Iccid}}"}""")).Text);
        Assert.Single((await SearchAsync(Server, NextKey(), $$"""{"iccid":"{{Iccid}}"}""")).Items);
    }

    [Theory]
    [InlineData("""{"iccid":"8988307222222222222"}""")]
    [InlineData("""{"iccid":"8988307111111111112" }""")]
    [InlineData("""{"iccid":"8988307111111111112","type":["eSIM"]}""")]
    public async Task The_same_key_with_another_body_is_refused(string other)
    {
        var key = NextKey();
        Assert.Equal(200, (await SearchAsync(Server, key, """{"iccid":"8988307111111111112"}""")).Status);
        Assert.Equal(
            """
            {"object":"error","details":[{"object":"propertyErrorDetail","code":"propertyInvalid",
            "message":"This Idempotency-Key was used with another body. Use a new key.","property":"Idempotency-Key","suggestion":null}],
            "message":"This Idempotency-Key was used with another body. Use a new key.","type":"invalid"}
            """.ReplaceLineEndings(""),
            (await SearchAsync(Server, key, other)).Text);
        Assert.Equal(422, (await SearchAsync(Server, key, other)).Status);
        Assert.Equal(200, (await SearchAsync(Server, key, """{"iccid":"8988307111111111112"}""")).Status);
    }

    [Fact]
    public async Task A_refusal_is_not_kept()
    {
        var key = NextKey();
        Assert.Equal(400, (await SearchAsync(Server, key, "{")).Status);
        Assert.Equal(422, (await SearchAsync(Server, key, """{"iccid":"1"}""")).Status);
        Assert.Equal(200, (await SearchAsync(Server, key, """{"iccid":"8988307111111111113"}""")).Status);
    }

    [Fact]
    public async Task A_key_is_known_in_its_own_account_only_and_to_all_keys_of_it()
    {
        var key = NextKey();
        var (id, body) = await SimAsync(Server);
        var first = await SearchAsync(Server, key, body);
        var sub = Server.Bearer("gpk_sandbox_sub");
        var other = await sub.JsonAsync("/projects/sandbox-sub/sims/search", """{"iccid":"8988307111111111114"}""",
            ("Idempotency-Key", key));
        Assert.Equal((200, 0), (other.Status, other.Items.Length));
        await Server.Gigs.CallAsync("PATCH", $"{SimsPath}/{id}", """{"metadata":{"later":"x"}}""");
        var reader = await Server.Bearer("gpk_sandbox_read").JsonAsync(SimsPath + "/search", body, ("Idempotency-Key", key));
        Assert.Equal(first.Text, reader.Text);
    }

    [Theory]
    [InlineData(255, 200)]
    [InlineData(256, 422)]
    [InlineData(4000, 422)]
    public async Task A_key_has_at_most_255_characters(int length, int status) =>
        Assert.Equal(status, (await SearchAsync(Server, new string('k', length), """{"iccid":"8988307111111111115"}""")).Status);

    [Theory]
    [InlineData("GET")]
    [InlineData("PATCH")]
    public async Task Other_methods_take_no_notice_of_the_header(string method)
    {
        var (id, _) = await SimAsync(Server);
        foreach (var key in (string[])["same", "same", new string('k', 300)])
        {
            var body = method == "PATCH" ? "{\"metadata\":{\"k\":\"v\"}}" : null;
            Assert.Equal(200, (await Server.Gigs.CallAsync(method, $"{SimsPath}/{id}", body, ("Idempotency-Key", key))).Status);
        }
    }

    [Fact]
    public async Task A_key_is_forgotten_after_its_life_on_the_wall_clock()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Gigs:IdempotencyLife"] = "2h" }, wall);
        var (id, body) = await SimAsync(server);
        var first = await SearchAsync(server, "key", body);
        await server.Gigs.CallAsync("PATCH", $"{SimsPath}/{id}", """{"metadata":{"later":"x"}}""");
        wall.Move(TimeSpan.FromMinutes(119));
        Assert.Equal(first.Text, (await SearchAsync(server, "key", body)).Text);
        Assert.Equal(422, (await SearchAsync(server, "key", """{"iccid":"8988307111111111116"}""")).Status);
        wall.Move(TimeSpan.FromMinutes(2));
        var second = await SearchAsync(server, "key", body);
        Assert.NotEqual(first.Text, second.Text);
        wall.Move(TimeSpan.FromMinutes(119));
        Assert.Equal(second.Text, (await SearchAsync(server, "key", body)).Text);
        wall.Move(TimeSpan.FromMinutes(2));
        Assert.Equal(200, (await SearchAsync(server, "key", """{"iccid":"8988307111111111116"}""")).Status);
    }

    [Fact]
    public async Task A_key_outlives_a_restart_and_a_day_is_its_default_life()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: wall);
        var (id, body) = await SimAsync(server);
        var first = await SearchAsync(server, "key", body);
        await server.Gigs.CallAsync("PATCH", $"{SimsPath}/{id}", """{"metadata":{"later":"x"}}""");
        wall.Move(TimeSpan.FromMinutes((24 * 60) - 1));
        await server.RestartAsync();
        Assert.Equal(first.Text, (await SearchAsync(server, "key", body)).Text);
        wall.Move(TimeSpan.FromMinutes(2));
        Assert.NotEqual(first.Text, (await SearchAsync(server, "key", body)).Text);
    }

    [SqliteOnly]
    [Fact]
    public async Task While_the_first_request_is_under_way_a_second_one_is_a_conflict()
    {
        await using var server = await TestServer.StartAsync();
        Task<Answer> one, other;
        await using (var store = new SqliteConnection($"Data Source={Path.Combine(server.Data, "simkeeper.db")};Pooling=False"))
        {
            store.Open();
            await using var held = store.BeginTransaction(deferred: false);
            one = SearchAsync(server, "key", """{"iccid":"8988307111111111117"}""");
            other = SearchAsync(server, "key", """{"iccid":"8988307111111111117"}""");
            var refused = await await Task.WhenAny(one, other);
            Assert.Equal(409, refused.Status);
            Assert.Equal(
                """
                {"object":"error","hint":"Send the request again.",
                "message":"Another request with this Idempotency-Key is under way.","type":"conflict"}
                """.ReplaceLineEndings(""),
                refused.Text);
            Assert.False(one.IsCompleted && other.IsCompleted);
        }
        var statuses = (await Task.WhenAll(one, other)).Select(answer => answer.Status).Order();
        Assert.Equal([200, 409], statuses);
        Assert.Equal(200, (await SearchAsync(server, "key", """{"iccid":"8988307111111111117"}""")).Status);
    }

    private static string NextKey() => $"key-{Interlocked.Increment(ref _keys)}";

    private static async Task<(string Id, string Body)> SimAsync(TestServer server)
    {
        var sim = (await server.Gigs.FetchAsync(SimsPath + "?limit=1")).Items[0];
        return (sim.GetProperty("id").GetString()!, $$"""{"iccid":"{{sim.GetProperty("iccid").GetString()}}"}""");
    }

    private static Task<Answer> SearchAsync(TestServer server, string? key, string body) => key is null
        ? server.Gigs.JsonAsync(SimsPath + "/search", body)
        : server.Gigs.JsonAsync(SimsPath + "/search", body, ("Idempotency-Key", key));
}
