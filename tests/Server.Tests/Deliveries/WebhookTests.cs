using System.Text.Json;
using Simkeeper.Server.Tests.Support;
using Simkeeper.Server.Tests.Usage;

namespace Simkeeper.Server.Tests.Deliveries;

public sealed class WebhookTests
{
    [Fact]
    public async Task A_change_of_metadata_is_told_whole_signed_and_with_the_old_value()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var hook = await server.HookAsync($"{receiver.Url}/hook?tenant=7");
        var sim = await server.SimAsync("test");
        await receiver.GotAsync(1);
        await server.NoteAsync(sim, "one");
        await receiver.GotAsync(2);

        await server.NoteAsync(sim, "zwei ü <&>");

        var got = (await receiver.GotAsync(3))[2];
        Assert.Equal(("POST", $"{receiver.Url}/hook?tenant=7", "application/json"), (got.Method, got.Url, got.Headers["Content-Type"]));
        var told = got.Event();
        Assert.Equal(
            ["object", "id", "data", "datacontenttype", "previousData", "project", "source", "specversion", "time", "type", "version"],
            told.EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            ("event", "application/json", "sandbox", "https://api.gigs.com", "1.0", "com.gigs.sim.updated"),
            (told.Text("object"), told.Text("datacontenttype"), told.Text("project"), told.Text("source"), told.Text("specversion"),
                told.Text("type")));
        Assert.Equal("""{"metadata":{"note":"one"}}""", told.GetProperty("previousData").GetRawText());
        var shown = (await server.Gigs.FetchAsync($"/projects/sandbox/sims/{Fleet.GigsId(sim)}")).Is(200);
        Assert.Equal(shown.Text, told.GetProperty("data").GetRawText());
        Assert.Equal(told.Text("id"), got.Headers["webhook-id"]);
        Assert.Equal(got.Signature(hook.Secret), got.Headers["webhook-signature"]);
        var sent = DateTimeOffset.FromUnixTimeSeconds(long.Parse(got.Headers["webhook-timestamp"]));
        Assert.InRange(sent, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task A_change_through_KORE_is_told_where_Gigs_shows_it_and_only_there()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        await server.HookAsync(receiver.Url);
        var sim = await server.SimAsync();

        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "Pump"), ("UniqueName", "pump-7"))).Is(200);
        await server.ReachAsync(server.Kore, sim, "ready");
        await server.ReachAsync(server.Kore, sim, "active");
        await server.ReachAsync(server.Kore, sim, "suspended");
        await server.NoteAsync(sim, "last");

        var got = await receiver.GotAsync(6);
        Assert.Equal(
            ["activated", "created", "deactivated", "updated", "updated active>inactive", "updated inactive>active"],
            got.Select(Told).Order());

        static string Told(Received got)
        {
            var told = got.Event();
            var before = told.TryGetProperty("previousData", out var previous) && previous.TryGetProperty("status", out var status)
                ? $" {status.GetString()}>{told.Text("data", "status")}"
                : "";
            return told.Text("type")!["com.gigs.sim.".Length..] + before;
        }
    }

    [Theory]
    [InlineData("usage")]
    [InlineData("Commands")]
    public async Task A_ready_SIM_that_its_use_makes_active_looked_active_before_and_no_event_tells_it(string use)
    {
        await using var server = await TestServer.StartAsync();
        var now = await server.FreezeAsync();
        var sim = await server.ServedAsync("ready");
        await server.HookAsync("http://127.0.0.1:1/");

        if (use == "usage")
            await server.ReportAsync(new Report(sim, "s", now, now, 250_000, 0));
        for (var i = 0; use == "Commands" && i < 5; i++)
            await server.SendAsync(sim);

        await server.UntilShownAsync(sim, "active");
        await server.NoteAsync(sim, "told");
        var told = (await server.Operator.FetchAsync($"/operator/v1/deliveries?sim={sim}")).Is(200).Json.GetProperty("items");
        Assert.Equal(1, told.GetArrayLength());
    }

    [Fact]
    public async Task A_move_is_a_deletion_in_the_old_project_and_a_creation_in_the_new()
    {
        await using var server = await TestServer.StartAsync();
        await using var master = await Receiver.StartAsync();
        await using var subaccount = await Receiver.StartAsync();
        var sim = await server.SimAsync("test", TestServer.MasterSid, ("user", "usr_1"), ("metadata.site", "north"));
        await server.HookAsync(master.Url);
        await server.HookAsync(subaccount.Url, TestServer.SubaccountSid);

        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("AccountSid", TestServer.SubaccountSid))).Is(200);

        var gone = (await master.GotAsync(1)).Single().Event();
        var come = (await subaccount.GotAsync(1)).Single().Event();
        Assert.Equal(("com.gigs.sim.deleted", "sandbox"), (gone.Text("type"), gone.Text("project")));
        Assert.Equal(("com.gigs.sim.created", "sandbox-sub"), (come.Text("type"), come.Text("project")));
        Assert.Equal((Fleet.GigsId(sim), "north"), (come.Text("data", "id"), come.Text("data", "metadata", "site")));
        Assert.Equal(gone.GetProperty("data").GetRawText(), come.GetProperty("data").GetRawText());
        Assert.Null((await server.Operator.FetchAsync($"/operator/v1/sims/{sim}"))["user"]);
    }

    [Fact]
    public async Task A_report_of_an_eSIM_profile_is_told_as_the_profile_and_never_with_its_activation_code()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        await server.HookAsync(receiver.Url);
        var sim = await server.SimAsync("test", TestServer.MasterSid,
            ("type", "eSIM"), ("smdp_address", "smdp.example.com"), ("matching_id", $"{Canaries.Mark}-77"));

        (await server.Operator.CallAsync("PUT", $"/operator/v1/sims/{sim}/esim-profile", """{"status":"installed"}""")).Is(200);

        var got = await receiver.GotAsync(3);
        Assert.Equal(
            ["com.gigs.eSimProfile.installed", "com.gigs.eSimProfile.updated", "com.gigs.sim.created"], got.Select(Hooks.Type).Order());
        var updated = got.Single(request => request.Type() == "com.gigs.eSimProfile.updated").Event();
        var shown = (await server.Gigs.FetchAsync($"/projects/sandbox/sims/{Fleet.GigsId(sim)}/eSimProfile")).Is(200);
        Assert.Equal(shown.Text, updated.GetProperty("data").GetRawText());
        Assert.Equal("unknown", updated.Text("previousData", "status"));
        Assert.All(got, request => Canaries.Check("webhook", request.Body + string.Join(' ', request.Headers.Values)));
    }

    [Fact]
    public async Task An_endpoint_hears_what_it_selected_and_every_endpoint_the_same_message()
    {
        await using var server = await TestServer.StartAsync();
        await using var all = await Receiver.StartAsync();
        await using var few = await Receiver.StartAsync();
        await server.HookAsync(all.Url);
        await server.HookAsync(few.Url, events: ["com.gigs.sim.created", "com.gigs.eSimProfile.*"]);
        var sim = await server.SimAsync("test", TestServer.MasterSid, ("type", "eSIM"));

        await server.NoteAsync(sim, "one");
        (await server.Operator.CallAsync("PUT", $"/operator/v1/sims/{sim}/esim-profile", """{"status":"enabled"}""")).Is(200);

        var heard = await all.GotAsync(4);
        var selected = await few.GotAsync(3);
        Assert.Equal(
            ["com.gigs.eSimProfile.enabled", "com.gigs.eSimProfile.updated", "com.gigs.sim.created"], selected.Select(Hooks.Type).Order());
        Assert.All(selected, one => Assert.Single(heard, other =>
            other.Body == one.Body && other.Headers["webhook-id"] == one.Headers["webhook-id"]
            && other.Headers["webhook-signature"] != one.Headers["webhook-signature"]));
    }

    [Fact]
    public async Task Each_old_secret_signs_until_its_own_end_however_often_it_was_rotated()
    {
        var time = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: time);
        await using var receiver = await Receiver.StartAsync();
        var hook = await server.HookAsync(receiver.Url, events: "com.gigs.sim.updated");
        var sim = await server.SimAsync("test");
        async Task<string> RotateAsync() =>
            (await server.Operator.JsonAsync($"{Hooks.Endpoints}/{hook.Id}/rotate-secret", "")).Is(200)["secret"]!;
        async Task SignedByAsync(params string[] secrets)
        {
            var count = receiver.All.Count + 1;
            await server.NoteAsync(sim, $"{count}");
            var got = (await receiver.GotAsync(count))[^1];
            Assert.Equal(string.Join(' ', secrets.Select(got.Signature)), got.Headers["webhook-signature"]);
        }

        var second = await RotateAsync();
        time.Move(TimeSpan.FromHours(12));
        var third = await RotateAsync();
        var fourth = await RotateAsync();
        await SignedByAsync(fourth, third, second, hook.Secret);
        time.Move(TimeSpan.FromHours(13));
        await SignedByAsync(fourth, third, second);
        time.Move(TimeSpan.FromHours(13));
        await SignedByAsync(fourth);
    }

    [Fact]
    public async Task At_most_five_old_secrets_sign_at_once()
    {
        var time = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: time);
        var hook = await server.HookAsync("http://127.0.0.1:1/");
        var path = $"{Hooks.Endpoints}/{hook.Id}";
        for (var number = 1; number <= 5; number++)
            (await server.Operator.JsonAsync($"{path}/rotate-secret", "")).Is(200);

        var refused = (await server.Operator.JsonAsync($"{path}/rotate-secret", "")).Is(409);

        Assert.Equal("stateForbids", refused["code"]);
        Assert.Contains("5 old secrets", refused["detail"]);
        Assert.NotNull((await server.Operator.FetchAsync(path)).Is(200)["oldSecretUntil"]);
        time.Move(TimeSpan.FromHours(25));
        (await server.Operator.JsonAsync($"{path}/rotate-secret", "")).Is(200);
    }

    [Fact]
    public async Task A_rotated_secret_signs_beside_the_old_one_until_the_overlap_ends()
    {
        var time = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: time);
        await using var receiver = await Receiver.StartAsync();
        var hook = await server.HookAsync(receiver.Url);
        var sim = await server.SimAsync("test");

        var rotated = (await server.Operator.JsonAsync($"{Hooks.Endpoints}/{hook.Id}/rotate-secret", "")).Is(200);
        await server.NoteAsync(sim, "both");
        var both = (await receiver.GotAsync(2)).Single(request => request.Type() == "com.gigs.sim.updated");
        time.Move(TimeSpan.FromHours(25));
        await server.NoteAsync(sim, "new only");
        var alone = (await receiver.GotAsync(3))[^1];

        Assert.NotEqual(hook.Secret, rotated["secret"]);
        Assert.Equal($"{both.Signature(rotated["secret"]!)} {both.Signature(hook.Secret)}", both.Headers["webhook-signature"]);
        Assert.Equal(alone.Signature(rotated["secret"]!), alone.Headers["webhook-signature"]);
        Assert.False((await server.Operator.FetchAsync($"{Hooks.Endpoints}/{hook.Id}")).Is(200).Json.TryGetProperty("secret", out _));
        Assert.DoesNotContain("whsec_", (await server.Operator.FetchAsync(Hooks.Endpoints)).Is(200).Text);
        Assert.DoesNotContain("whsec_", string.Join('\n', Store.Rows(server, "select cast(sealed_secret as text) from webhook_endpoints")));
    }

    [Fact]
    public async Task An_ordered_endpoint_gets_the_events_of_a_SIM_one_after_the_other_and_other_SIMs_are_not_held_up()
    {
        string? first = null;
        var refused = 0;
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync((_, context) =>
        {
            first ??= context.Request.Headers["webhook-id"];
            if (context.Request.Headers["webhook-id"] == first && refused++ < 2)
                context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        var (slow, other) = (await server.SimAsync("test"), await server.SimAsync("test"));
        await server.HookAsync(receiver.Url, ordered: true);
        await server.FreezeAsync();

        await server.NoteAsync(slow, "0");
        await AttemptedAsync(server, 1);
        for (var number = 1; number <= 3; number++)
            await server.NoteAsync(other, $"{number}");
        for (var number = 1; number <= 5; number++)
            await server.NoteAsync(slow, $"{number}");
        await AttemptedAsync(server, 4);
        Assert.DoesNotContain(receiver.All, request => Note(request, slow) is not (null or "0"));
        await server.RestartAsync();
        await server.AdvanceAsync("6m");

        Assert.Equal(["0", "1", "2", "3", "4", "5"], Delivered(receiver.All, slow));
        Assert.Equal(["1", "2", "3"], Delivered(receiver.All, other));
        Assert.Equal(["delivered|9"], Store.Rows(server, "select state, count(*) from deliveries group by state"));

        static string? Note(Received got, string sim) =>
            got.Event().Text("data", "id") == Fleet.GigsId(sim) ? got.Event().Text("data", "metadata", "note") : null;
        static IEnumerable<string?> Delivered(IReadOnlyList<Received> all, string sim) =>
            all.Select(got => Note(got, sim)).Where(note => note is not null).Distinct();
    }

    [Fact]
    public async Task What_an_ordered_endpoint_never_takes_is_dead_in_the_end_and_the_next_goes_out()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync((_, context) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        var sim = await server.SimAsync("test");
        await server.HookAsync(receiver.Url, ordered: true);
        await server.FreezeAsync();
        await server.NoteAsync(sim, "1");
        await server.NoteAsync(sim, "2");

        await server.AdvanceAsync("40h");

        Assert.Equal(["dead|8", "pending|6"], Store.Rows(server, "select state, attempts from deliveries order by id"));
    }

    [Fact]
    public async Task An_endpoint_that_does_nothing_but_fail_for_five_days_is_disabled_and_comes_back_when_it_is_enabled()
    {
        var broken = true;
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync((_, context) =>
        {
            context.Response.StatusCode = broken ? 503 : 200;
            return Task.CompletedTask;
        });
        var hook = await server.HookAsync(receiver.Url);
        var sim = await server.SimAsync("test");
        for (var day = 0; day <= 5; day++)
        {
            Assert.Equal("enabled", (await server.Operator.FetchAsync($"{Hooks.Endpoints}/{hook.Id}"))["state"]);
            await server.NoteAsync(sim, $"{day}");
            await server.AdvanceAsync("24h");
        }

        Assert.Equal("disabled", (await server.Operator.FetchAsync($"{Hooks.Endpoints}/{hook.Id}"))["state"]);
        var told = Assert.Single(await server.EventsAsync(), happened => happened.Text("type") == "webhook_endpoint.disabled");
        Assert.Equal(JsonValueKind.Null, told.GetProperty("sim").ValueKind);
        Assert.Equal((TestServer.MasterSid, hook.Id), (told.Text("account"), told.Text("data", "updated", "endpoint")));
        await server.AdvanceAsync("30h");
        Assert.Equal(["dead|7"], Store.Rows(server, "select state, count(*) from deliveries group by state"));
        await server.NoteAsync(sim, "unheard");
        Assert.Equal(["7"], Store.Rows(server, "select count(*) from deliveries"));
        (await server.Operator.JsonAsync($"{Hooks.Endpoints}/{hook.Id}/test", "")).Is(409);

        broken = false;
        var enabled = (await server.Operator.JsonAsync($"{Hooks.Endpoints}/{hook.Id}/enable", "")).Is(200);
        Assert.Equal(("enabled", null), (enabled["state"], enabled["failingSince"]));
        var before = receiver.All.Count;
        await server.NoteAsync(sim, "heard");
        Assert.Equal("heard", (await receiver.GotAsync(before + 1))[before].Event().Text("data", "metadata", "note"));
    }

    [Fact]
    public async Task A_deleted_endpoint_gets_nothing_more()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync((_, context) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        var sim = await server.SimAsync("test");
        var hook = await server.HookAsync(receiver.Url, ordered: true);
        await server.FreezeAsync();
        await server.NoteAsync(sim, "1");
        await server.NoteAsync(sim, "2");
        await AttemptedAsync(server, 1);

        (await server.Operator.DropAsync($"{Hooks.Endpoints}/{hook.Id}")).Is(204);
        await server.NoteAsync(sim, "3");
        await server.AdvanceAsync("1h");

        Assert.Single(receiver.All);
        Assert.Equal(["dead|2"], Store.Rows(server, "select state, count(*) from deliveries group by state"));
        (await server.Operator.FetchAsync($"{Hooks.Endpoints}/{hook.Id}")).Is(404);
    }

    [Fact]
    public async Task A_test_delivery_says_what_it_is_asked_to_whatever_was_selected()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var hook = await server.HookAsync(receiver.Url, events: "com.gigs.sim.created");

        (await server.Operator.JsonAsync($"{Hooks.Endpoints}/{hook.Id}/test", "")).Is(202);
        var asked = (await server.Operator.JsonAsync($"{Hooks.Endpoints}/{hook.Id}/test", """{"event":"com.gigs.eSimProfile.enabled"}"""))
            .Is(202);

        var got = await receiver.GotAsync(2);
        Assert.Equal(["com.gigs.eSimProfile.enabled", "com.gigs.sim.updated"], got.Select(Hooks.Type).Order());
        Assert.All(got, request => Assert.Equal(request.Signature(hook.Secret), request.Headers["webhook-signature"]));
        Assert.Equal(JsonValueKind.Null, asked.Json.GetProperty("sim").ValueKind);
        Assert.Equal(hook.Id, asked["endpoint"]);
    }

    /// <summary>Waits until this many attempts are recorded.</summary>
    private static Task<IReadOnlyList<string>> AttemptedAsync(TestServer server, int count) => Calls.UntilAsync(
        () => Task.FromResult(Store.Rows(server, "select number from attempts")), attempts => attempts.Count >= count);
}
