using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Accounts;

/// <summary>The second spelling of a sandbox's credentials, with the lengths that some clients insist on.</summary>
public sealed class SandboxCredentialsTests
{
    private const string MasterToken = "sandbox-token-000000000000000001";
    private const string SubaccountToken = "sandbox-token-000000000000000002";
    private const string ClientId = "sandbox-client-0001";
    private const string ClientSecret = "sandbox-secret-000000000000000001";

    [Fact]
    public async Task A_sandbox_takes_tokens_of_32_characters_beside_the_short_ones()
    {
        await using var server = await TestServer.StartAsync();

        await CheckAsync(server);

        (await server.Kore.FetchAsync("/v1/Sims?PageSize=1")).Is(200);
        (await server.KoreSub.FetchAsync("/v1/Sims?PageSize=1")).Is(200);
        (await server.Basic(TestServer.MasterSid, SubaccountToken).FetchAsync("/v1/Sims?PageSize=1")).Is(401);
    }

    [Fact]
    public async Task A_sandbox_of_an_earlier_version_gets_them_at_its_next_start_and_a_revoked_client_does_not_come_back()
    {
        await using var server = await TestServer.StartAsync();
        Store.Execute(server, "delete from installation where name = 'sandbox'");
        foreach (var table in new[] { "directory where kind = 'credential' and target", "credentials where id" })
        {
            Store.Execute(server, $"""
                delete from {table} in (select id from credentials c where c.kind in ('token', 'client') and exists
                  (select 1 from credentials d where d.kind = c.kind and d.account_id = c.account_id and d.id < c.id))
                """);
        }
        await server.RestartAsync();
        await CheckAsync(server);

        var keys = await server.Operator.FetchAsync($"/operator/v1/accounts/{TestServer.MasterSid}/keys");
        foreach (var key in keys.Json.GetProperty("items").EnumerateArray())
        {
            if (key.GetProperty("kind").GetString() is "client")
            {
                (await server.Operator.DropAsync(
                    $"/operator/v1/accounts/{TestServer.MasterSid}/keys/{key.GetProperty("id").GetString()}")).Is(204);
            }
        }
        await server.RestartAsync();

        (await server.Basic(TestServer.MasterSid, MasterToken).FetchAsync("/v1/Sims?PageSize=1")).Is(200);
        (await TokenAsync(server)).Is(401);
    }

    [Fact]
    public async Task The_auth_token_of_a_new_account_is_32_hex_digits_through_every_API()
    {
        await using var server = await TestServer.StartAsync();

        Assert.Matches("^[0-9a-f]{32}$", (await server.AccountAsync()).Token);
        Assert.Matches("^[0-9a-f]{32}$",
            (await server.Kore.FormAsync("/2010-04-01/Accounts.json", ("FriendlyName", "New"))).Is(201)["auth_token"]);
    }

    private static async Task CheckAsync(TestServer server)
    {
        (await server.Basic(TestServer.MasterSid, MasterToken).FetchAsync("/v1/Sims?PageSize=1")).Is(200);
        (await server.Basic(TestServer.SubaccountSid, SubaccountToken).FetchAsync("/v1/Sims?PageSize=1")).Is(200);
        var token = (await TokenAsync(server)).Is(200)["access_token"]!;
        (await server.Bearer(token).FetchAsync("/v1/Sims?PageSize=1")).Is(200);
    }

    private static Task<Answer> TokenAsync(TestServer server) => server.Anonymous.FormAsync("/api-services/v1/auth/token",
        ("grant_type", "client_credentials"), ("client_id", ClientId), ("client_secret", ClientSecret));
}
