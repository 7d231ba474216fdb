using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Dialects.Gigs.Sandbox;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>Bearer keys of one project each (developers.gigs.com/api/authentication).</summary>
public sealed class AuthenticationTests(Sandbox sandbox) : IClassFixture<Sandbox>
{
    private const string Refused = """{"object":"error","message":"Invalid authorization token","type":"unauthenticated"}""";
    private const string NoProject = """{"object":"error","message":"The project was not found.","type":"notFound"}""";

    private static readonly (string Method, string Path, string? Body)[] Operations =
    [
        ("GET", "", null),
        ("GET", "/SIM", null),
        ("GET", "/SIM/credentials", null),
        ("GET", "/SIM/eSimProfile", null),
        ("POST", "/search", """{"iccid":"8988307111111111111"}"""),
        ("PATCH", "/SIM", "{}"),
        ("DELETE", "/SIM", null),
        ("PUT", "/SIM", "{}"),
    ];

    private TestServer Server => sandbox.Server;

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer gpk_wrong")]
    [InlineData("Bearer gpk_sandbo")]
    [InlineData("Bearer gpk_sandbox_")]
    [InlineData("Bearer GPK_SANDBOX")]
    [InlineData("Bearer gpk_sandbox, Bearer gpk_sandbox")]
    [InlineData("Bearergpk_sandbox")]
    [InlineData("gpk_sandbox")]
    [InlineData("Token gpk_sandbox")]
    [InlineData("Bearer skop_sandbox")]
    [InlineData("Bearer sandbox-token")]
    [InlineData("Bearer AC00000000000000000000000000000001:sandbox-token")]
    [InlineData("Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpzYW5kYm94LXRva2Vu")]
    [InlineData("Basic Z3BrX3NhbmRib3g6")]
    [InlineData("Basic Z3BrX3NhbmRib3g=")]
    public async Task Anything_but_a_key_of_the_dialect_is_refused_with_the_documented_body(string? authorization)
    {
        foreach (var (method, path, body) in Operations)
        {
            (string, string)[] headers = authorization is null ? [] : [("Authorization", authorization)];
            var answer = await Server.Anonymous.CallAsync(method, SimsPath + path, body, headers);
            Assert.Equal((401, Refused), (answer.Status, answer.Text));
        }
    }

    [Fact]
    public async Task A_key_too_long_to_be_one_is_refused() =>
        Assert.Equal(Refused, (await Server.Bearer("gpk_" + new string('x', 8000)).FetchAsync(SimsPath)).Text);

    [Theory]
    [InlineData("bearer gpk_sandbox")]
    [InlineData("BEARER   gpk_sandbox ")]
    public async Task The_word_Bearer_is_read_in_any_case(string authorization) =>
        Assert.Equal(200, (await Server.Anonymous.FetchAsync(SimsPath, ("Authorization", authorization))).Status);

    [Fact]
    public async Task A_key_of_another_project_finds_nothing_by_any_method()
    {
        var id = (await Server.Gigs.FetchAsync(SimsPath)).Each("id")[0];
        var other = Server.Bearer("gpk_sandbox_sub");
        foreach (var (method, path, body) in Operations)
        {
            var answer = await other.CallAsync(method, SimsPath + path.Replace("SIM", id, StringComparison.Ordinal), body);
            Assert.Equal((404, NoProject), (answer.Status, answer.Text));
        }
        Assert.Equal((404, NoProject), await StatusAndTextAsync(Server.Gigs, "/projects/sandbox-sub/sims"));
    }

    [Fact]
    public async Task A_SIM_of_another_project_is_not_found_under_ones_own_by_any_method()
    {
        var id = (await Server.Gigs.FetchAsync(SimsPath)).Each("id")[0];
        var other = Server.Bearer("gpk_sandbox_sub");
        foreach (var (method, path, body) in Operations.Where(operation => operation.Path.Contains("SIM", StringComparison.Ordinal)))
        {
            var answer = await other.CallAsync(method,
                "/projects/sandbox-sub/sims" + path.Replace("SIM", id, StringComparison.Ordinal), body);
            Assert.Equal((404, "notFound"), (answer.Status, answer["type"]));
        }
    }

    [Fact]
    public async Task A_read_only_key_reads_and_searches_but_does_not_update()
    {
        var id = (await Server.Gigs.FetchAsync(SimsPath + "?type=eSIM")).Each("id")[0];
        var reader = Server.Bearer("gpk_sandbox_read");
        foreach (var (method, path, body) in Operations[..5])
            Assert.Equal(200, (await reader.CallAsync(method, SimsPath + path.Replace("SIM", id, StringComparison.Ordinal), body)).Status);
        var answer = await reader.CallAsync("PATCH", $"{SimsPath}/{id}", """{"metadata":{"a":"1"}}""");
        Assert.Equal(
            (403, """
                {"object":"error","hint":"Use a key with the role write.","message":"This key may only read.",
                "type":"permissionDenied"}
                """.ReplaceLineEndings("")),
            (answer.Status, answer.Text));
        Assert.Equal("{}", (await Server.Gigs.FetchAsync($"{SimsPath}/{id}")).Json.GetProperty("metadata").GetRawText());
    }

    [Fact]
    public async Task A_key_works_until_it_expires_and_not_after()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: wall);
        var expiresAt = wall.GetUtcNow().AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        var (_, secret) = await server.KeyAsync("gigs", expiresAt: expiresAt);
        var client = server.Bearer(secret);
        Assert.Equal(200, (await client.FetchAsync(SimsPath)).Status);
        wall.Move(TimeSpan.FromMinutes(59));
        Assert.Equal(200, (await client.FetchAsync(SimsPath)).Status);
        wall.Move(TimeSpan.FromMinutes(2));
        Assert.Equal((401, Refused), await StatusAndTextAsync(client, SimsPath));
        await server.RestartAsync();
        Assert.Equal((401, Refused), await StatusAndTextAsync(server.Bearer(secret), SimsPath));
    }

    [Fact]
    public async Task A_revoked_key_stops_at_once_and_no_other_with_it()
    {
        var (id, secret) = await Server.KeyAsync("gigs");
        var (_, stays) = await Server.KeyAsync("gigs");
        var client = Server.Bearer(secret);
        Assert.Equal(200, (await client.FetchAsync(SimsPath)).Status);
        Assert.Equal(204, (await Server.Operator.DropAsync($"/operator/v1/accounts/{TestServer.MasterSid}/keys/{id}")).Status);
        Assert.Equal((401, Refused), await StatusAndTextAsync(client, SimsPath));
        Assert.Equal(200, (await Server.Bearer(stays).FetchAsync(SimsPath)).Status);
    }

    [Fact]
    public async Task A_project_takes_several_keys_and_other_kinds_of_keys_do_not_open_it()
    {
        var (_, reader) = await Server.KeyAsync("gigs", "read");
        Assert.Equal(200, (await Server.Bearer(reader).FetchAsync(SimsPath)).Status);
        Assert.Equal(403, (await Server.Bearer(reader).CallAsync("PATCH", SimsPath + "/sim_x", "{}")).Status);
        foreach (var kind in (string[])["kore", "client"])
        {
            var (id, secret) = await Server.KeyAsync(kind);
            foreach (var sent in (string[])[secret, $"{id}:{secret}"])
                Assert.Equal((401, Refused), await StatusAndTextAsync(Server.Bearer(sent), SimsPath));
        }
    }

    private static async Task<(int Status, string Text)> StatusAndTextAsync(HttpClient client, string path)
    {
        var answer = await client.FetchAsync(path);
        return (answer.Status, answer.Text);
    }
}
