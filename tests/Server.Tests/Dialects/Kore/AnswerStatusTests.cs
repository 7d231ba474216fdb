using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class AnswerStatusTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task An_update_that_opens_an_operation_is_accepted_and_every_other_one_is_done()
    {
        var sid = await Server.SimAsync();
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("FriendlyName", "Named"))).Is(200);
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "new"))).Is(200);

        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "active"), ("RatePlan", "sandbox-plan"))).Is(202);
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("FriendlyName", "While it is open"))).Is(200);
        await Server.EndAsync(sid);
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "active"))).Is(200);
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("RatePlan", TestServer.PlanSid), ("Status", "active"))).Is(200);
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("ResetStatus", "resetting"))).Is(202);
        await Server.EndAsync(sid);
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "deactivated"))).Is(202);
    }

    [Fact]
    public async Task A_setting_keeps_to_the_one_status_that_the_published_documents_list()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Kore:AsyncStatus"] = "200" });
        var sid = await server.SimAsync();

        Assert.Equal("updating",
            (await server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "active"), ("RatePlan", "sandbox-plan"))).Is(200)["status"]);
    }

    [Fact]
    public async Task A_plan_is_made_with_201_for_Twilios_callers_and_with_200_for_those_of_KORE()
    {
        var token = (await Server.Anonymous.FormAsync("/api-services/v1/auth/token", ("grant_type", "client_credentials"),
            ("client_id", "sandbox-client"), ("client_secret", "sandbox-secret"))).Is(200)["access_token"]!;

        var basic = (await Server.Kore.FormAsync("/v1/RatePlans")).Is(201);
        var bearer = (await Server.Bearer(token).FormAsync("/v1/RatePlans")).Is(200);

        Assert.StartsWith("WP", basic["sid"]);
        Assert.StartsWith("WP", bearer["sid"]);
    }
}
