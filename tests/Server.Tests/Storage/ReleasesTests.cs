using System.Globalization;
using Simkeeper.Server.Tests.Deliveries;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>The present program on stores that old releases wrote, embedded and PostgreSQL. What users see is what they saw.</summary>
[SqliteOnly]
public sealed class ReleasesTests
{
    public static TheoryData<string, string> Stores => [.. OldRelease.All];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Everything_that_the_APIs_show_of_an_old_store_is_as_it_was_also_at_the_second_start(string release, string store)
    {
        await using var old = await OldRelease.CopyAsync(release, store);
        await using var server = await old.StartAsync();
        await DropAddedKeysAsync(old, server);

        await old.CheckAsync(server, "answers");

        await server.RestartAsync();
        await old.CheckAsync(server, "answers");
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_an_old_store_had_due_happens_at_its_time_and_every_message_is_told_whole_and_signed(string release, string store)
    {
        await using var old = await OldRelease.CopyAsync(release, store);
        await using var server = await old.StartAsync();

        await AdvanceAsync(old, server, "73h");

        await old.CheckAsync(server, "after-73h");
        var sent = old.Recorded("sent").Select(OldMessages.Line).ToList();
        // The recording has no webhooks of later events: each has an id of its own.
        var got = old.Receiver.All.Where(message => message.IsCallback() || sent.Contains(message.Line()));
        Assert.Equal(sent.Order(StringComparer.Ordinal), got.Select(message => message.Line()).Order(StringComparer.Ordinal));
        var steps = old.Receiver.All.Where(message => message.Url.EndsWith("/ordered", StringComparison.Ordinal))
            .Select(message => message.Event().GetProperty("data").GetProperty("metadata"));
        Assert.Equal(["one", "two", "three"],
            steps.Where(metadata => metadata.TryGetProperty("step", out _)).Select(metadata => metadata.Text("step")));
        await old.CheckSignaturesAsync(server);

        await AdvanceAsync(old, server, "2327h");

        await old.CheckAsync(server, "after-100d");
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task An_open_operation_of_an_old_store_can_be_ended_in_every_way_and_calls_back(string release, string store)
    {
        await using var old = await OldRelease.CopyAsync(release, store);
        await using var server = await old.StartAsync();
        var operators = old.As(server, "operator");

        await EndAsync("manual", "force", """{"outcome":"done"}""");
        await EndAsync("resetting", "force", """{"outcome":"refused"}""");
        await EndAsync("fieldOpen", "withdraw");
        (await operators.DropAsync("/operator/v1/faults")).Is(204);
        await EndAsync("away", "retry");
        await AdvanceAsync(old, server, "1s");

        foreach (var (part, status) in new[] { ("manual", "active"), ("resetting", "active"), ("fieldOpen", "new"), ("away", "ready") })
            Assert.Equal(status, (await operators.FetchAsync($"/operator/v1/sims/{old.Sim(part)}")).Is(200)["shown"]);
        foreach (var (path, says) in new[]
        {
            ("/hook/manual", "&SimStatus=active&ApiVersion"), ("/hook/resetting?x=~&", "&SimStatus=active&ErrorCode=33000&"),
            ("/hook/field-open", "&SimStatus=new&ErrorCode=33010&"), ("/hook/away", "&SimUniqueName=waits&SimStatus=ready&ApiVersion"),
        })
        {
            var called = await Calls.UntilAsync(
                () => Task.FromResult(old.Receiver.All.Where(got => got.Target().StartsWith(path, StringComparison.Ordinal)).ToList()),
                all => all.Count > 0);
            Assert.Contains(says, called.Single().Target() + called.Single().Body);
        }
        await old.CheckSignaturesAsync(server);

        async Task EndAsync(string part, string how, string body = "")
        {
            var open = (await operators.FetchAsync($"/operator/v1/operations?state=open&sim={old.Sim(part)}")).Is(200);
            var id = open.Items[0].Text("id");
            (await operators.JsonAsync($"/operator/v1/operations/{id}/{how}", body)).Is(how == "retry" ? 202 : 200);
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_an_old_store_had_counted_goes_on_so_that_the_fifth_Command_and_the_last_byte_make_a_ready_SIM_active(
        string release, string store)
    {
        await using var old = await OldRelease.CopyAsync(release, store);
        await using var server = await old.StartAsync();
        var kore = old.As(server, "kore");

        (await kore.FormAsync("/v1/Commands", ("Sim", old.Sim("fourCommands")), ("Command", "the fifth"))).Is(201);
        await ReportAsync(old, server, old.Sim("almost"), "a", old.FrozenAt, old.FrozenAt, (50_000, 200_000));

        foreach (var part in (string[])["fourCommands", "almost"])
        {
            await Calls.UntilAsync(() => kore.FetchAsync($"/v1/Sims/{old.Sim(part)}"), answer => answer.Is(200)["status"] == "active");
            // It was remembered from the request for ready, which it has answered once before the store was left.
            await Calls.UntilAsync(
                () => Task.FromResult(old.Receiver.All.Where(got => got.Target() == $"/ok/{part}").ToList()),
                called => called is [{ Body: var body }] && body.Contains("&SimStatus=active&", StringComparison.Ordinal));
        }
        Assert.Equal(250_000, await TotalAsync(kore, $"/v1/Sims/{old.Sim("almost")}/UsageRecords"));
        await old.CheckSignaturesAsync(server);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Late_word_of_a_network_is_counted_in_its_hour_and_for_the_account_that_had_the_SIM_then(string release, string store)
    {
        await using var old = await OldRelease.CopyAsync(release, store);
        await using var server = await old.StartAsync();
        var (master, field, moved, active) = (old.As(server, "kore"), old.As(server, "field"), old.Sim("moved"), old.Sim("active"));
        var moves = (await old.As(server, "operator").FetchAsync($"/operator/v1/events?sim={moved}&type=sim.moved")).Is(200).Json;
        var move = moves.GetProperty("items")[0].GetProperty("at").GetDateTimeOffset();
        var sessions = (await master.FetchAsync($"/v1/Sims/{active}/DataSessions")).Is(200).Json.GetProperty("data_sessions");
        var home = sessions.EnumerateArray().Single(session => session.Text("radio_link") == "NB-IoT");
        var start = home.GetProperty("start").GetDateTimeOffset();
        var firstHours = $"/v1/Sims/{active}/UsageRecords?Start={Time(start)}&End={Time(start.AddHours(5).AddSeconds(1))}";
        var before = await UsedAsync();

        await ReportAsync(old, server, moved, "late", move.AddMinutes(-2), move.AddMinutes(-1), (7, 5));
        await ReportAsync(old, server, active, "home", start, start.AddHours(5), (25_000, 60_000));

        Assert.Equal((before.Master + 12, before.Moved, before.Active, before.FirstHours + 55_000), await UsedAsync());

        async Task<(long Master, long Moved, long Active, long FirstHours)> UsedAsync() => (
            await TotalAsync(master, "/v1/UsageRecords"), await TotalAsync(field, $"/v1/Sims/{moved}/UsageRecords"),
            await TotalAsync(master, $"/v1/Sims/{active}/UsageRecords"), await TotalAsync(master, firstHours));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_pending_webhook_secret_of_an_old_store_signs_once_it_is_active(string release, string store)
    {
        await using var old = await OldRelease.CopyAsync(release, store);
        await using var server = await old.StartAsync();
        var kore = old.As(server, "kore");
        var pending = (await kore.FetchAsync("/v1/secrets?status=pending")).Is(200).Json.GetProperty("data")[0].Text("id");
        (await kore.CallAsync("PATCH", $"/v1/secrets/{pending}", """{"Status":"active"}""")).Is(200);

        (await kore.FormAsync($"/v1/Sims/{old.Sim("new")}", ("Status", "new"), ("CallbackUrl", old.ReceiverUrl + "/hook/next"))).Is(200);

        var got = (await old.Receiver.GotAsync(1)).Single();
        var next = old.Secret("koreNext")!.Value.GetString()!;
        Assert.Equal(got.KoreSignature(next, old.ReceiverUrl + "/hook/next"), got.Headers["kore-signature"]);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_store_of_a_newer_release_is_refused_with_the_name_of_its_migration_and_left_as_it_was(string release, string store)
    {
        await using var old = await OldRelease.CopyAsync(release, store);
        await StoreContent.ExecuteAsync(old, "insert into migrations (name, checksum, applied_at) values ('9999_future.sql', 'x', 0)");
        var before = await StoreContent.OfAsync(old);
        var environment = old.Settings.Where(setting => setting.Value is not null).ToDictionary(
            setting => "SIMKEEPER__" + setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value!);

        var refused = await Cli.RunAsync(environment, "", "serve", "--sandbox", "--urls", "http://127.0.0.1:0");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("9999_future.sql", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Start a newer simkeeper.", refused.Error, StringComparison.Ordinal);
        Assert.Equal(before, await StoreContent.OfAsync(old));
    }

    /// <summary>Moves the clock and waits until all that became due is done.</summary>
    /// <summary>Drops the keys that later versions gave to the sandbox: no recording has them.</summary>
    private static async Task DropAddedKeysAsync(OldRelease old, TestServer server)
    {
        const string keys = $"/operator/v1/accounts/{TestServer.MasterSid}/keys";
        var recorded = old.Recorded("answers").Where(line => line.Text("path") == keys).Select(line => line.GetProperty("answer")).ToList();
        // A store of production has no such account.
        if (recorded is not [var answer])
            return;
        var known = answer.GetRawText();
        var operators = old.As(server, "operator");
        foreach (var key in (await operators.FetchAsync(keys)).Json.GetProperty("items").EnumerateArray())
        {
            var id = key.Text("id")!;
            if (!known.Contains($"\"{id}\"", StringComparison.Ordinal))
                (await operators.DropAsync($"{keys}/{id}")).Is(204);
        }
    }

    private static async Task AdvanceAsync(OldRelease old, TestServer server, string by)
    {
        var operators = old.As(server, "operator");
        var answer = await operators.JsonAsync("/operator/v1/clock/advance", $$"""{"by":"{{by}}"}""");
        while (answer.Status == 202)
            answer = await operators.JsonAsync("/operator/v1/clock/advance", """{"by":"0ms"}""");
        answer.Is(200);
    }

    /// <summary>Reports the counters of a session.</summary>
    private static async Task ReportAsync(
        OldRelease old, TestServer server, string sim, string session, DateTimeOffset start, DateTimeOffset at, (long Up, long Down) bytes)
    {
        var taken = await old.As(server, "operator").JsonAsync("/operator/v1/usage", $$"""
            [{"sim":"{{sim}}","session":"{{session}}","start":"{{Time(start)}}","at":"{{Time(at)}}",
              "uploadedBytes":{{bytes.Up}},"downloadedBytes":{{bytes.Down}}}]
            """);
        Assert.Equal("""{"taken":1,"refused":[]}""", taken.Is(200).Text);
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The bytes of a usage record that spans its whole range.</summary>
    private static async Task<long> TotalAsync(HttpClient kore, string records) =>
        (await kore.FetchAsync(records)).Is(200).Json.GetProperty("usage_records")[0].GetProperty("data").GetProperty("total").GetInt64();
}
