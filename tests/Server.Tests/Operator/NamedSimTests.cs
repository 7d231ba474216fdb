using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Operator;

/// <summary>Every argument that is a SIM takes whatever an operator has of it.</summary>
public sealed class NamedSimTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Eid = "89049032123451234512345678901235";
    private readonly TestServer _server = sandbox.Server;

    [Fact]
    public async Task A_SIM_is_found_by_every_name_it_has()
    {
        var (imsi, msisdn, name) = ($"99970{Fleet.Number():D10}", $"99955{Fleet.Number():D8}", $"gate-{Fleet.Number()}");
        var sim = await _server.SimAsync("test", TestServer.MasterSid, ("imsi", imsi), ("msisdn", msisdn), ("eid", Eid), ("type", "eSIM"));
        (await _server.Kore.FormAsync($"/v1/Sims/{sim}", ("UniqueName", name))).Is(200);
        var whole = (await _server.Operator.FetchAsync($"/operator/v1/sims/{sim}")).Is(200);

        foreach (var called in new[] { whole["id"]!, whole["iccid"]!, imsi, msisdn, "+" + msisdn, Eid, name })
        {
            var at = Uri.EscapeDataString(called);
            Assert.Equal(sim, (await _server.Operator.FetchAsync($"/operator/v1/sims/{at}")).Is(200)["sid"]);
            var events = (await _server.Operator.FetchAsync($"/operator/v1/events?sim={at}")).Is(200).Json.GetProperty("items");
            Assert.Equal(sim, events[0].GetProperty("sim").GetString());
            var operations = (await _server.Operator.FetchAsync($"/operator/v1/operations?sim={at}")).Is(200).Json.GetProperty("items");
            Assert.Equal(0, operations.GetArrayLength());
            (await _server.Operator.FetchAsync($"/operator/v1/deliveries?sim={at}")).Is(200);
        }
        (await _server.Operator.JsonAsync($"/operator/v1/sims/{imsi}/activate", """{"ratePlan":"sandbox-plan"}""")).Is(202);
    }

    [Fact]
    public async Task A_name_that_several_SIMs_have_is_refused_and_nobody_is_taken_for_another()
    {
        var name = $"twin-{Fleet.Number()}";
        var (first, second) = (await _server.SimAsync(), await _server.SimAsync("lab", TestServer.SubaccountSid));
        (await _server.Kore.FormAsync($"/v1/Sims/{first}", ("UniqueName", name))).Is(200);
        (await _server.KoreSub.FormAsync($"/v1/Sims/{second}", ("UniqueName", name))).Is(200);

        var refused = (await _server.Operator.FetchAsync($"/operator/v1/sims/{name}")).Is(409);
        Assert.Contains("Several SIMs", refused["detail"], StringComparison.Ordinal);
        Assert.Equal("sim", (await _server.Operator.FetchAsync($"/operator/v1/events?sim={name}")).Is(400)["field"]);
    }

    [Theory]
    [InlineData("8988300000000000000")]
    [InlineData("nobody")]
    [InlineData("DE00000000000000000000000000000999")]
    public async Task A_name_that_no_SIM_has_is_not_found(string name)
    {
        Assert.Equal("simNotFound", (await _server.Operator.FetchAsync($"/operator/v1/sims/{name}")).Is(404)["code"]);
        Assert.Equal("simNotFound", (await _server.Operator.JsonAsync($"/operator/v1/sims/{name}/activate", "{}")).Is(404)["code"]);
    }

    [Fact]
    public async Task An_activation_without_a_plan_names_the_plans_there_are()
    {
        var sim = await _server.SimAsync();

        var refused = (await _server.Operator.JsonAsync($"/operator/v1/sims/{sim}/activate", "{}")).Is(409);

        Assert.Contains("sandbox-plan", refused["detail"], StringComparison.Ordinal);
        Assert.Equal("ratePlan", refused["field"]);
    }

    [Fact]
    public async Task An_unknown_type_of_event_is_refused_and_every_type_is_known()
    {
        var refused = (await _server.Operator.FetchAsync("/operator/v1/events?type=nonsense")).Is(400);

        Assert.Equal("type", refused["field"]);
        Assert.Contains("sim.data_limit_reached", refused["detail"], StringComparison.Ordinal);
        foreach (var type in Simkeeper.Core.Sims.EventTypes.All)
            (await _server.Operator.FetchAsync($"/operator/v1/events?type={type}")).Is(200);
    }

    [Fact]
    public async Task The_installation_says_its_version_and_how_it_runs()
    {
        var answer = (await _server.Operator.FetchAsync("/operator/v1/installation")).Is(200);

        Assert.Equal("0.1.0", answer["version"]);
        Assert.Equal("true", answer["sandbox"]);
        Assert.Equal(TestDatabase.IsWanted ? "postgresql" : "sqlite", answer["store"]);
        Assert.Equal("all", answer["role"]);
    }

    [Fact]
    public async Task A_wrong_key_is_told_apart_from_none()
    {
        var wrong = (await _server.Bearer("skop_wrong").FetchAsync("/operator/v1/sims")).Is(401);
        var none = (await _server.Anonymous.FetchAsync("/operator/v1/sims")).Is(401);

        Assert.Contains("does not know", wrong["detail"], StringComparison.Ordinal);
        Assert.Contains("Send Authorization", none["detail"], StringComparison.Ordinal);
    }
}
