using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class MoveTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private TestServer Server => sandbox.Server;

    [Theory]
    [InlineData("master", "sub")]
    [InlineData("sub", "master")]
    [InlineData("sub", "other")]
    public async Task A_master_moves_a_new_SIM_in_each_direction_and_sid_and_names_stay(string from, string to)
    {
        var (master, sub, other) = await FamilyAsync();
        var accounts = new Dictionary<string, OwnAccount> { ["master"] = master, ["sub"] = sub, ["other"] = other };
        var sid = await Server.SimAsync("lab", accounts[from].Sid, ("unique_name", "mover"), ("friendly_name", "Mover"),
            ("metadata.site", "north"));

        var moved = (await master.Kore.FormAsync($"/v1/Sims/{sid}", ("AccountSid", accounts[to].Sid), ("Status", "new"))).Is(200);

        Assert.Equal((sid, accounts[to].Sid, "new"), (moved["sid"], moved["account_sid"], moved["status"]));
        Assert.Equal(("mover", "Mover"), (moved["unique_name"], moved["friendly_name"]));
        Assert.Equal(sid, (await accounts[to].Kore.FetchAsync("/v1/Sims/mover")).Is(200)["sid"]);
        (await accounts[from].Kore.FetchAsync("/v1/Sims/mover")).Is(404);
        Assert.Equal("""{"site":"north"}""", (await Server.Operator.FetchAsync($"/operator/v1/sims/{sid}")).Is(200)["metadata"]);
        Assert.StartsWith("sim.moved|",
            Store.Rows(Server, "select type, data from events where sim_id = $sim order by id desc limit 1", sid)[0]);
    }

    [Fact]
    public async Task The_user_is_cleared()
    {
        var (master, sub, _) = await FamilyAsync();
        var sid = await Server.SimAsync("lab", master.Sid, ("user", "usr_1"));
        Assert.Equal("usr_1", (await Server.Operator.FetchAsync($"/operator/v1/sims/{sid}"))["user"]);
        (await master.Kore.FormAsync($"/v1/Sims/{sid}", ("AccountSid", sub.Sid))).Is(200);
        Assert.Null((await Server.Operator.FetchAsync($"/operator/v1/sims/{sid}"))["user"]);
    }

    [Fact]
    public async Task With_a_rate_plan_the_new_accounts_plan_or_none_has_to_be_given()
    {
        var (master, sub, _) = await FamilyAsync();
        var plan = Store.AddPlan(Server, master.Sid);
        var target = Store.AddPlan(Server, sub.Sid, "target");
        var sid = await Server.SimAsync("lab", master.Sid);
        (await master.Kore.FormAsync($"/v1/Sims/{sid}", ("RatePlan", plan))).Is(200);

        await RefusedAsync(master, sid, 400, "33102", ("AccountSid", sub.Sid));
        await RefusedAsync(master, sid, 404, "33108", ("AccountSid", sub.Sid), ("RatePlan", plan));
        await RefusedAsync(master, sid, 404, "33108", ("AccountSid", sub.Sid), ("RatePlan", "nobody's"));
        var moved = (await master.Kore.FormAsync($"/v1/Sims/{sid}", ("AccountSid", sub.Sid), ("RatePlan", "target"))).Is(200);
        Assert.Equal((sub.Sid, target), (moved["account_sid"], moved["rate_plan_sid"]));
        var back = (await master.Kore.FormAsync($"/v1/Sims/{sid}", ("AccountSid", master.Sid), ("RatePlan", "null"))).Is(200);
        Assert.Equal((master.Sid, null), (back["account_sid"], back["rate_plan_sid"]));
    }

    [Fact]
    public async Task Only_the_masters_credentials_move_and_only_within_the_family()
    {
        var (master, sub, other) = await FamilyAsync();
        var stranger = await Server.AccountAsync();
        var own = await Server.SimAsync("lab", master.Sid);
        var subs = await Server.SimAsync("lab", sub.Sid);

        await RefusedAsync(sub, subs, 403, "33201", ("AccountSid", master.Sid));
        await RefusedAsync(sub, subs, 403, "33201", ("AccountSid", other.Sid));
        await RefusedAsync(master, own, 403, "33201", ("AccountSid", stranger.Sid));
        await RefusedAsync(master, own, 403, "33201", ("AccountSid", "AC" + new string('9', 32)));
        await RefusedAsync(master, own, 400, "33101", ("AccountSid", "nonsense"));
    }

    [Fact]
    public async Task Only_a_new_SIM_moves()
    {
        var (master, sub, _) = await FamilyAsync();
        var plan = Store.AddPlan(Server, master.Sid);
        foreach (var (status, http, code) in new[] { ("ready", 400, "33102"), ("active", 403, "33201"), ("deactivated", 403, "33201") })
        {
            var sid = await Server.SimAsync("lab", master.Sid);
            await Server.ReachAsync(master.Kore, sid, status, plan);
            await RefusedAsync(master, sid, http, code, ("AccountSid", sub.Sid), ("RatePlan", ""));
            (await master.Kore.FormAsync($"/v1/Sims/{sid}", ("AccountSid", master.Sid))).Is(200);
        }
    }

    [Fact]
    public async Task While_an_operation_is_open_a_SIM_stays()
    {
        var (master, sub, _) = await FamilyAsync();
        var sid = await Server.SimAsync("lab", master.Sid);
        (await master.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "deactivated"))).Is(202);
        await RefusedAsync(master, sid, 409, "33010", ("AccountSid", sub.Sid));
    }

    [Fact]
    public async Task A_move_and_a_change_of_status_are_two_requests()
    {
        var (master, sub, _) = await FamilyAsync();
        var sid = await Server.SimAsync("lab", master.Sid);
        await RefusedAsync(master, sid, 400, "33121", ("AccountSid", sub.Sid), ("Status", "deactivated"));
    }

    [Fact]
    public async Task A_unique_name_that_the_target_has_refuses_the_move_unless_another_comes_with_it()
    {
        var (master, sub, _) = await FamilyAsync();
        var sid = await Server.SimAsync("lab", master.Sid, ("unique_name", "taken"));
        await Server.SimAsync("lab", sub.Sid, ("unique_name", "taken"));

        await RefusedAsync(master, sid, 400, "33101", ("AccountSid", sub.Sid));
        var moved = (await master.Kore.FormAsync($"/v1/Sims/{sid}", ("AccountSid", sub.Sid), ("UniqueName", "free"))).Is(200);
        Assert.Equal((sub.Sid, "free"), (moved["account_sid"], moved["unique_name"]));
    }

    private async Task<(OwnAccount Master, OwnAccount Sub, OwnAccount Other)> FamilyAsync()
    {
        var (master, sub) = await Server.FamilyAsync();
        return (master, sub, await Server.AccountAsync(master.Sid));
    }

    private static async Task RefusedAsync(OwnAccount caller, string sid, int http, string code, params (string, string)[] form)
    {
        var before = await caller.Kore.FetchAsync($"/v1/Sims/{sid}");
        Assert.Equal(code, (await caller.Kore.FormAsync($"/v1/Sims/{sid}", form)).Is(http)["code"]);
        Assert.Equal(before, await caller.Kore.FetchAsync($"/v1/Sims/{sid}"));
    }
}
