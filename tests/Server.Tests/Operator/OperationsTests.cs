using Simkeeper.Server.Tests.Deliveries;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Operator;

public sealed class OperationsTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Operations = "/operator/v1/operations";

    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task An_operation_of_a_manual_carrier_waits_for_a_person()
    {
        var sid = await AskedAsync("lab", "active");

        var operation = await Server.OperationAsync(sid);

        Assert.Matches("^op_[0-9A-Za-z]{22}$", operation["id"]);
        Assert.Equal(
            (sid, "status", "active", "open", "operator", "1", null),
            (operation["sim"], operation["kind"], operation["wanted"], operation["state"], operation["waitingFor"], operation["attempts"],
                operation["lastError"]));
        Assert.Equal(operation["deadline"], operation["nextTry"]);
        Assert.Equal(operation.Text, (await Server.Operator.FetchAsync($"{Operations}/{operation["id"]}")).Is(200).Text);
        Assert.Equal("updating", (await Server.Kore.FetchAsync($"/v1/Sims/{sid}"))["status"]);
    }

    [Fact]
    public async Task Forced_done_it_settles_calls_back_and_is_over()
    {
        await using var receiver = await Receiver.StartAsync();
        var sid = await AskedAsync("lab", "ready", receiver.Url);

        var operation = await Server.EndAsync(sid);

        Assert.Equal(("done", null, null), (operation["state"], operation["waitingFor"], operation["nextTry"]));
        Assert.NotNull(operation["endedAt"]);
        var got = (await receiver.GotAsync(1))[0];
        Assert.Contains("SimStatus=ready&ApiVersion", got.Body);
        Assert.DoesNotContain("Error", got.Body);
        Assert.Equal("stateForbids", (await ForceAsync(operation["id"], "done")).Is(409)["code"]);
        Assert.Equal("stateForbids", (await ForceAsync(operation["id"], "refused")).Is(409)["code"]);
    }

    [Fact]
    public async Task Forced_refused_it_calls_back_with_33000_and_the_SIM_is_as_before()
    {
        await using var receiver = await Receiver.StartAsync();
        var sid = await AskedAsync("lab", "active", receiver.Url);

        var operation = await Server.EndAsync(sid, "refused");

        Assert.Equal(("refused", "The change was refused by an operator."), (operation["state"], operation["lastError"]));
        Assert.Equal(
            $"SimSid={sid}&SimUniqueName=&SimStatus=new&ErrorCode=33000&ErrorMessage=The%20change%20was%20refused%20by%20an%20operator."
            + $"&ApiVersion=v1&AccountSid={TestServer.MasterSid}",
            (await receiver.GotAsync(1))[0].Body);
        Assert.Equal("new", (await Server.Kore.FetchAsync($"/v1/Sims/{sid}"))["status"]);
    }

    [Fact]
    public async Task One_that_nobody_ends_expires_and_calls_back_with_33004()
    {
        var time = new MovableTime();
        await using var receiver = await Receiver.StartAsync();
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Operations:Deadline"] = "1h" }, time);
        var sid = await server.SimAsync();
        (await server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "deactivated"), ("CallbackUrl", receiver.Url))).Is(202);
        var operation = await server.OperationAsync(sid);

        time.Move(TimeSpan.FromHours(1));

        Assert.Contains("SimStatus=new&ErrorCode=33004&", (await receiver.GotAsync(1))[0].Body);
        Assert.Equal("expired", (await server.Operator.FetchAsync($"{Operations}/{operation["id"]}")).Is(200)["state"]);
    }

    [Fact]
    public async Task Filters_narrow_the_list_down_and_pages_go_newest_first()
    {
        var carrier = $"net-{Fleet.Number()}";
        var first = await AskedAsync(carrier, "active");
        await Server.EndAsync(first);
        (await Server.Kore.FormAsync($"/v1/Sims/{first}", ("Status", "suspended"))).Is(202);
        var second = await AskedAsync(carrier, "deactivated");

        Assert.Equal(
            [(second, "deactivated", "open"), (first, "suspended", "open"), (first, "active", "done")],
            await ListAsync($"carrier={carrier}&limit=1"));
        Assert.Equal([(first, "active", "done")], await ListAsync($"carrier={carrier}&state=done"));
        Assert.Equal([(first, "suspended", "open"), (first, "active", "done")], await ListAsync($"sim={first}"));
        var id = (await Server.Operator.FetchAsync($"/operator/v1/sims/{second}"))["id"];
        Assert.Equal([(second, "deactivated", "open")], await ListAsync($"sim={id}&state=open"));
        Assert.Empty(await ListAsync($"carrier={carrier}&state=refused"));
    }

    private async Task<string> AskedAsync(string provider, string status, string? callback = null)
    {
        var sid = await Server.SimAsync(provider);
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}",
            ("Status", status), ("RatePlan", "sandbox-plan"), ("CallbackUrl", callback ?? ""))).Is(202);
        return sid;
    }

    private Task<Answer> ForceAsync(string? id, string outcome) =>
        Server.Operator.JsonAsync($"{Operations}/{id}/force", $$"""{"outcome":"{{outcome}}"}""");

    private async Task<IEnumerable<(string?, string?, string?)>> ListAsync(string query) =>
        (await Server.Operator.AllAsync($"{Operations}?{query}"))
            .Select(operation => (operation.Text("sim"), operation.Text("wanted"), operation.Text("state")));
}
