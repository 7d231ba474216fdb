using System.Text.RegularExpressions;
using Simkeeper.Server.Tests.Peers;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed partial class CommandsTests(CommandsTests.Sandbox sandbox) : IClassFixture<CommandsTests.Sandbox>
{
    private TestServer Server => sandbox.Server;

    public static TheoryData<string, string, int, int> Rows { get; } = new()
    {
        { "active", "Command=", 400, 33102 },
        { "active", "Command=on&Sim=", 400, 33102 },
        { "active", "Command={161}", 400, 33101 },
        { "active", "Command={129}&IncludeSid=start", 400, 33101 },
        { "active", "Command=%E2%82%AC", 400, 33101 },
        { "active", "Command=on&CommandMode=binary", 400, 33101 },
        { "active", "Command=on&CommandMode=voice", 400, 33101 },
        { "active", "Command=on&IncludeSid=both", 400, 33101 },
        { "active", "Command=on&DeliveryReceiptRequested=perhaps", 400, 33101 },
        { "active", "Command=on&CallbackUrl=nowhere", 400, 33101 },
        { "active", "Command=on&CallbackMethod=PUT", 400, 33101 },
        { "new", "Command=on", 400, 33104 },
        { "suspended", "Command=on", 400, 33104 },
        { "nobody's", "Command=on", 404, 33107 },
        { "stranger's", "Command=on", 404, 33107 },
        { "mute", "Command=on", 403, 33201 },
        { "queued", "Command=on", 429, 33118 },
    };

    [Fact]
    public async Task A_Command_is_queued_sent_and_delivered_and_called_back()
    {
        await using var receiver = await Receiver.StartAsync();
        var sim = await Server.ServedAsync();
        (await Server.Kore.FormAsync($"/v1/Sims/{sim}", ("UniqueName", "speaker"))).Is(200);

        var made = (await Server.Kore.FormAsync("/v1/Commands", ("Sim", "speaker"), ("Command", "on & off"),
            ("CallbackUrl", receiver.Url + "/done"))).Is(201);

        var sid = made["sid"]!;
        Assert.Matches("^DC[0-9a-f]{32}$", sid);
        var expected = new Dictionary<string, string?>
        {
            ["sid"] = sid,
            ["account_sid"] = TestServer.MasterSid,
            ["sim_sid"] = sim,
            ["command"] = "on & off",
            ["command_mode"] = "text",
            ["transport"] = "sms",
            ["delivery_receipt_requested"] = "true",
            ["status"] = "queued",
            ["direction"] = "to_sim",
            ["date_created"] = made["date_created"],
            ["date_updated"] = made["date_created"],
            ["url"] = $"{Server.Url}v1/Commands/{sid}",
        };
        Assert.Equal(expected, made.Json.EnumerateObject().ToDictionary(property => property.Name, property => made[property.Name]));
        await Server.UntilCommandAsync(sid, "sent");
        Assert.Empty(receiver.All);
        await Server.AdvanceAsync("200ms");
        Assert.Equal("delivered", await Server.CommandAsync(sid));
        var call = Assert.Single(await receiver.GotAsync(1));
        Assert.Equal("POST", call.Method);
        Assert.Equal(new Dictionary<string, string>
        {
            ["CommandSid"] = sid,
            ["SimSid"] = sim,
            ["SimUniqueName"] = "speaker",
            ["Command"] = "on & off",
            ["CommandMode"] = "text",
            ["CommandStatus"] = "delivered",
            ["Status"] = "delivered",
            ["Direction"] = "to_sim",
            ["ApiVersion"] = "v1",
            ["AccountSid"] = TestServer.MasterSid,
        }, Messaging.Form(call.Body));
    }

    [Fact]
    public async Task Without_a_receipt_it_ends_at_sent()
    {
        await using var receiver = await Receiver.StartAsync();
        var sim = await Server.ServedAsync();

        var sid = await Server.SendAsync(sim, ("DeliveryReceiptRequested", "false"), ("CallbackUrl", receiver.Url),
            ("CallbackMethod", "GET"));

        var call = Assert.Single(await receiver.GotAsync(1));
        Assert.Equal(("GET", "sent"), (call.Method, Messaging.Form(new Uri(call.Url).Query[1..])["CommandStatus"]));
        await Server.AdvanceAsync("48h");
        Assert.Equal("sent", await Server.CommandAsync(sid));
        Assert.Single(receiver.All);
        var delivery = (await Server.Operator.FetchAsync($"/operator/v1/deliveries?sim={sim}")).Is(200).Items[0];
        Assert.Equal(receiver.Url + "/", delivery.GetProperty("url").GetString());
    }

    [Fact]
    public async Task A_binary_Command_is_Base64_and_a_text_beside_the_sid_has_128_characters()
    {
        var sim = await Server.ServedAsync();
        var bytes = Convert.ToBase64String(Enumerable.Range(0, 140).Select(i => (byte)i).ToArray());

        var binary = (await Server.Kore.FormAsync("/v1/Commands", ("Sim", sim), ("Command", bytes), ("CommandMode", "binary"))).Is(201);
        var text = (await Server.Kore.FormAsync(
            "/v1/Commands", ("Sim", sim), ("Command", new string('x', 128)), ("IncludeSid", "end"))).Is(201);

        Assert.Equal((bytes, "binary"), (binary["command"], binary["command_mode"]));
        Assert.Equal(new string('x', 128), text["command"]);
    }

    [Fact]
    public async Task A_list_has_filters_and_pages_newest_first()
    {
        var (one, other) = (await Server.ServedAsync(), await Server.ServedAsync());
        var sent = new List<string>();
        for (var i = 0; i < 3; i++)
            sent.Insert(0, await Server.SendAsync(one));
        await Server.AdvanceAsync("1s");
        var said = await Server.SpeakAsync(one);
        var elsewhere = await Server.SendAsync(other);

        Assert.Equal([said, .. sent], await ListAsync($"Sim={one}"));
        Assert.Equal([elsewhere, said], (await ListAsync("PageSize=1000")).Take(2));
        Assert.Equal(sent, await ListAsync($"Sim={one}&Direction=to_sim"));
        Assert.Equal([said], await ListAsync($"Sim={one}&Direction=from_sim"));
        Assert.Equal([said], await ListAsync($"Sim={one}&Status=received"));
        Assert.Equal(sent, await ListAsync($"Sim={one}&Status=delivered&Transport=sms"));
        Assert.Equal(sent[0], (await ListAsync("Status=delivered"))[0]);
        Assert.Empty(await ListAsync($"Sim={one}&Transport=ip"));
        Assert.Empty(await ListAsync("Sim=nobodys"));
        Assert.Equal([said, .. sent], await ListAsync($"Sim={one}&PageSize=1"));
    }

    [Fact]
    public async Task A_Command_is_deleted_and_gone()
    {
        var sid = await Server.SendAsync(await Server.ServedAsync());

        Assert.Equal("", (await Server.Kore.DropAsync($"/v1/Commands/{sid}")).Is(204).Text);

        (await Server.Kore.FetchAsync($"/v1/Commands/{sid}")).Is(404);
        Assert.Equal("20404", (await Server.Kore.DropAsync($"/v1/Commands/{sid}")).Is(404)["code"]);
    }

    [Fact]
    public async Task A_Command_belongs_to_the_account_of_its_SIM_and_its_master_reaches_it_by_sid()
    {
        var master = await Server.AccountAsync();
        var sub = await Server.AccountAsync(master.Sid);
        (await sub.Kore.FormAsync("/v1/RatePlans", ("UniqueName", "subs"))).Is(201);
        var sim = await Server.ServedAsync("active", sub.Kore, sub.Sid, "subs");

        var sid = (await master.Kore.FormAsync("/v1/Commands", ("Sim", sim), ("Command", "on"))).Is(201)["sid"]!;

        Assert.Equal(sub.Sid, (await sub.Kore.FetchAsync($"/v1/Commands/{sid}")).Is(200)["account_sid"]);
        (await master.Kore.FetchAsync($"/v1/Commands/{sid}")).Is(200);
        Assert.Equal("[]", (await master.Kore.FetchAsync("/v1/Commands")).Is(200)["commands"]);
        (await Server.Kore.FetchAsync($"/v1/Commands/{sid}")).Is(404);
        (await Server.Kore.DropAsync($"/v1/Commands/{sid}")).Is(404);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task What_cannot_be_sent_is_refused_and_not_kept(string sim, string form, int http, int code)
    {
        var before = await ListAsync("PageSize=1000");
        var text = Regex.Replace(form, @"\{(\d+)\}", match => new string('x', int.Parse(match.Groups[1].Value)));
        if (!text.Contains("Sim=", StringComparison.Ordinal))
            text += "&Sim=" + await sandbox.SimAsync(sim);
        using var content = new StringContent(text, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");

        var answer = (await Server.Kore.CallAsync(HttpMethod.Post, "/v1/Commands", content)).Is(http);

        Assert.Equal(($"{code}", $"{http}"), (answer["code"], answer["status"]));
        if (sim != "queued")
            Assert.Equal(before, await ListAsync("PageSize=1000"));
    }

    [Theory]
    [InlineData("GET", "/v1/Commands?Status=asleep", 400, "33101")]
    [InlineData("GET", "/v1/Commands?Direction=up", 400, "33101")]
    [InlineData("GET", "/v1/Commands?Transport=pigeon", 400, "33101")]
    [InlineData("GET", "/v1/Commands?PageSize=0", 400, "33103")]
    [InlineData("GET", "/v1/Commands/DC00000000000000000000000000000000", 404, "20404")]
    [InlineData("GET", "/v1/Commands/nothing", 404, "20404")]
    [InlineData("POST", "/v1/Commands/DC00000000000000000000000000000000", 405, "20004")]
    public async Task What_is_not_there_is_said_so(string method, string path, int http, string code) =>
        Assert.Equal(code, (await Server.Kore.CallAsync(method, path)).Is(http)["code"]);

    [Fact]
    public void Every_code_that_the_documentation_lists_for_Commands_is_in_the_table()
    {
        var text = File.ReadAllText(Path.Combine(Peer.Repository, "docs", "errors.md"));
        var start = text.IndexOf("These codes belong", StringComparison.Ordinal);
        var section = text[start..text.IndexOf("An operation that was", StringComparison.Ordinal)];
        var documented = CodeAndStatus().Matches(section).Select(match => $"{match.Groups[1]} {match.Groups[2]}").Distinct().Order();

        Assert.Equal(documented, Rows.Select(row => row.Data).Select(row => $"{row.Item4} {row.Item3}").Distinct().Order());
    }

    private async Task<List<string>> ListAsync(string query)
    {
        var sids = new List<string>();
        string? next = $"/v1/Commands?{query}";
        while (next is not null)
        {
            var page = (await Server.Kore.FetchAsync(next)).Is(200).Json;
            sids.AddRange(page.GetProperty("commands").EnumerateArray().Select(command => command.GetProperty("sid").GetString()!));
            next = page.GetProperty("meta").GetProperty("next_page_url").GetString();
        }
        return sids;
    }

    [GeneratedRegex(@"^\| (\d{5}) \| (\d{3}) \|", RegexOptions.Multiline)]
    private static partial Regex CodeAndStatus();

    /// <summary>A sandbox whose clock stands, with SIMs that cannot be sent to.</summary>
    public sealed class Sandbox : IAsyncLifetime
    {
        internal TestServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Server = await TestServer.StartAsync();
            await Server.FreezeAsync();
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();

        internal async Task<string> SimAsync(string kind)
        {
            switch (kind)
            {
                case "new":
                    return await Server.SimAsync("test");
                case "nobody's":
                    return "DE00000000000000000000000000000000";
                case "stranger's":
                    return await Server.SimAsync("test", (await Server.AccountAsync()).Sid);
                case "mute":
                    return await Server.ServedAsync(
                        plan: (await Server.Kore.FormAsync("/v1/RatePlans", ("MessagingEnabled", "false"))).Is(201)["sid"]!);
                case "suspended":
                    var suspended = await Server.ServedAsync();
                    (await Server.Kore.FormAsync($"/v1/Sims/{suspended}", ("Status", "suspended"))).Is(202);
                    await Server.AdvanceAsync("1s");
                    return suspended;
                case "queued":
                    var narrow = await Server.SimAsync("lab", TestServer.MasterSid, ("narrowband", "true"));
                    await Server.ReachAsync(Server.Kore, narrow, "active",
                        (await Server.Kore.FormAsync("/v1/RatePlans", ("Narrowband", "annual"))).Is(201)["sid"]!);
                    await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Server.SendAsync(narrow)));
                    return narrow;
                default:
                    return await Server.ServedAsync();
            }
        }
    }
}
