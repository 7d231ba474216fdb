using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class DeleteTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_new_SIM_is_deleted_and_gone_from_fetch_list_and_its_numbers_are_free_again()
    {
        var account = await Server.AccountAsync();
        var imsi = $"00101{Fleet.Number():D10}";
        var sid = await Server.SimAsync("lab", account.Sid, ("imsi", imsi), ("unique_name", "gone"));

        var answer = (await account.Kore.DropAsync($"/v1/Sims/{sid}")).Is(204);

        Assert.Equal("", answer.Text);
        (await account.Kore.FetchAsync($"/v1/Sims/{sid}")).Is(404);
        (await account.Kore.FetchAsync("/v1/Sims/gone")).Is(404);
        Assert.Equal("[]", (await account.Kore.FetchAsync("/v1/Sims")).Is(200)["sims"]);
        Assert.NotEqual(sid, await Server.SimAsync("lab", account.Sid, ("imsi", imsi), ("unique_name", "gone")));
    }

    [Fact]
    public async Task Deleting_it_again_is_404()
    {
        var sid = await Server.SimAsync();
        (await Server.Kore.DropAsync($"/v1/Sims/{sid}")).Is(204);
        (await Server.Kore.DropAsync($"/v1/Sims/{sid}")).Is(404);
    }

    [Fact]
    public async Task A_master_deletes_its_subaccounts_SIM()
    {
        var sid = await Server.SimAsync("lab", TestServer.SubaccountSid);
        (await Server.Kore.DropAsync($"/v1/Sims/{sid}")).Is(204);
        (await Server.KoreSub.FetchAsync($"/v1/Sims/{sid}")).Is(404);
    }

    [Theory]
    [InlineData("ready")]
    [InlineData("active")]
    [InlineData("deactivated")]
    public async Task A_SIM_that_was_on_the_network_is_kept(string status)
    {
        var sid = await Server.SimAsync();
        await Server.ReachAsync(Server.Kore, sid, status);

        Assert.Equal("20409", (await Server.Kore.DropAsync($"/v1/Sims/{sid}")).Is(409)["code"]);
        Assert.Equal(status, (await Server.Kore.FetchAsync($"/v1/Sims/{sid}")).Is(200)["status"]);
    }

    [Fact]
    public async Task While_an_operation_is_open_a_SIM_is_kept()
    {
        var sid = await Server.SimAsync();
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "active"), ("RatePlan", TestServer.PlanSid))).Is(202);

        Assert.Equal("20409", (await Server.Kore.DropAsync($"/v1/Sims/{sid}")).Is(409)["code"]);
        await Server.EndAsync(sid, "refused");
        (await Server.Kore.DropAsync($"/v1/Sims/{sid}")).Is(204);
    }
}
