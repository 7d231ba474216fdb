using Simkeeper.Server.Tests.Deliveries;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Peers;

/// <summary>Clients and validators nobody here wrote, against a running server.</summary>
public sealed class PeerTests
{
    private const string MasterAccount = "AC00000000000000000000000000000001";
    private const int ImportedSims = 1200;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Twilios_SDK_for_Node_tells_the_story_of_a_SIM()
    {
        await using var server = await TestServer.StartAsync();
        var iccids = await ImportAsync(server.Operator);
        await Peer.RunNodeAsync(server.Url, "twilio.mjs", [], ("SIMKEEPER_IMPORTED", string.Join(',', iccids)));
    }

    [Fact]
    public async Task Twilios_SDK_for_Node_makes_plans_and_sends_Commands()
    {
        await using var server = await TestServer.StartAsync();
        await Peer.RunNodeAsync(server.Url, "twilio-commands.mjs", []);
    }

    [Fact]
    public async Task Twilios_SDK_for_Node_keeps_accounts_and_reads_events()
    {
        await using var server = await TestServer.StartAsync();
        await Peer.RunNodeAsync(server.Url, "twilio-accounts.mjs", []);
    }

    [Fact]
    public async Task Twilios_SDK_for_Node_reads_usage_and_data_sessions()
    {
        await using var server = await TestServer.StartAsync();
        await Peer.RunNodeAsync(server.Url, "twilio-usage.mjs", []);
    }

    [Fact]
    public async Task Twilios_SDK_for_Node_tells_the_whole_story_from_a_plan_to_the_events_of_its_SIM()
    {
        await using var server = await TestServer.StartAsync();
        await Peer.RunNodeAsync(server.Url, "twilio-story.mjs", []);
    }

    [Fact]
    public async Task Every_answer_of_all_nine_wireless_paths_keeps_to_Twilios_spec()
    {
        await using var server = await TestServer.StartAsync();
        await Peer.RunNodeAsync(server.Url, "prism.mjs", []);
    }

    [Fact]
    public async Task Every_answer_of_the_same_paths_keeps_to_KOREs_spec_which_is_checked_where_it_stands_beside_the_project()
    {
        var spec = Path.Combine(Peer.Repository, "..", "shared", "spec", "kore-programmable-wireless-v1.json");
        Assert.SkipUnless(File.Exists(spec), "KORE's spec is not beside the project");
        await using var server = await TestServer.StartAsync();
        await Peer.RunNodeAsync(server.Url, "prism.mjs", ["--spec", spec, "--overlay", "kore-overlay.json", "--bearer"]);
    }

    [Theory]
    [InlineData("kore")]
    [InlineData("gigs")]
    [InlineData("operator")]
    public async Task Every_answer_keeps_to_our_own_spec(string api)
    {
        await using var server = await TestServer.StartAsync();
        var spec = Path.Combine(Peer.Repository, "docs", "openapi", $"{api}.json");
        await Peer.RunNodeAsync(server.Url, "prism.mjs", ["--spec", spec, "--story", api]);
    }

    [Fact]
    public async Task Every_answer_beside_the_Sims_keeps_to_our_own_spec()
    {
        await using var server = await TestServer.StartAsync();
        var spec = Path.Combine(Peer.Repository, "docs", "openapi", "kore.json");
        await Peer.RunNodeAsync(server.Url, "prism.mjs", ["--spec", spec, "--story", "accounts"]);
    }

    [Fact]
    public async Task Every_answer_of_Monitor_keeps_to_Twilios_spec()
    {
        await using var server = await TestServer.StartAsync();
        await Peer.RunNodeAsync(server.Url, "prism.mjs",
            ["--twilio", "twilio_monitor_v1", "--overlay", "monitor-overlay.json", "--story", "monitor"]);
    }

    [Fact]
    public async Task The_libraries_of_receivers_verify_a_webhook_also_while_its_secret_rotates()
    {
        await using var server = await TestServer.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        using var folder = new TestFolder();
        var hook = await server.HookAsync(receiver.Url);
        var sim = await server.SimAsync("test");
        await receiver.GotAsync(1);
        var lost = (await server.Operator.JsonAsync($"{Hooks.Endpoints}/{hook.Id}/rotate-secret", "")).Is(200)["secret"]!;
        var rotated = (await server.Operator.JsonAsync($"{Hooks.Endpoints}/{hook.Id}/rotate-secret", "")).Is(200)["secret"]!;
        await server.NoteAsync(sim, "Straße \u20ac");
        var got = await receiver.GotAsync(2);

        object Verify(Received webhook, params string[] secrets) => new
        {
            secrets,
            headers = webhook.Headers.Where(header => header.Key.StartsWith("webhook-", StringComparison.OrdinalIgnoreCase))
                .ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value),
            body = webhook.Body,
        };
        var file = folder.Of("webhooks.json");
        await File.WriteAllTextAsync(
            file, TestJson.Text(new[] { Verify(got[0], hook.Secret), Verify(got[1], rotated, lost, hook.Secret) }), Cancelled);
        await Peer.RunNodeAsync(server.Url, "webhooks.mjs", [file]);
    }

    [Fact]
    public async Task The_QR_image_of_an_eSIM_reads_as_its_activation_code()
    {
        await using var server = await TestServer.StartAsync();
        var list = (await server.Gigs.FetchAsync("/projects/sandbox/sims?type=eSIM&limit=1")).Is(200).Json;
        var sim = list.GetProperty("items")[0].GetProperty("id").GetString();
        var credentials = (await server.Gigs.FetchAsync($"/projects/sandbox/sims/{sim}/credentials")).Is(200);
        using var anybody = new HttpClient();
        var image = await anybody.GetByteArrayAsync(credentials["qrCodeUrl"], Cancelled);
        var folder = Directory.CreateTempSubdirectory("simkeeper-qr-");
        try
        {
            var file = Path.Combine(folder.FullName, "code.png");
            await File.WriteAllBytesAsync(file, image, Cancelled);
            Assert.Equal(credentials["activationCode"], await Peer.ReadQrCodeAsync(file));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>More SIMs than the largest page holds, so that a client has to turn pages. Gives their ICCIDs.</summary>
    private static async Task<string[]> ImportAsync(HttpClient operators)
    {
        string[] iccids = [.. Enumerable.Range(0, ImportedSims).Select(_ => Fleet.Iccid())];
        await operators.ImportRowsAsync(
            "iccid,imsi,type,provider", [.. iccids.Select((iccid, i) => $"{iccid},00101{i:D10},pSIM,test")]);
        return iccids;
    }
}
