using System.Net;
using Simkeeper.Server.Tests.Peers;
using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Dialects.Gigs.Sandbox;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>Credentials of a SIM, and its activation code as a public QR image (GSMA SGP.22 4.1).</summary>
public sealed class CredentialsTests(Sandbox sandbox) : IClassFixture<Sandbox>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task An_eSIM_has_its_code_links_that_carry_it_as_it_is_and_the_address_of_its_image()
    {
        var id = await EsimAsync("smdp.example.com,CANARY-1,false");
        var answer = await Server.Gigs.FetchAsync($"{SimsPath}/{id}/credentials");
        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        var qrCode = answer["qrCodeUrl"]!;
        Assert.StartsWith(Server.Url + "qrcode/", qrCode, StringComparison.Ordinal);
        Assert.Equal(
            $$"""
            {"object":"simCredentials","activationCode":"LPA:1$smdp.example.com$CANARY-1",
            "androidInstallUrl":"https://esimsetup.android.com/esim_qrcode_provisioning?carddata=LPA:1$smdp.example.com$CANARY-1",
            "iosInstallUrl":"https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=LPA:1$smdp.example.com$CANARY-1",
            "qrCodeUrl":"{{qrCode}}","sim":"{{id}}"}
            """.ReplaceLineEndings(""),
            answer.Text);
    }

    [Theory]
    [InlineData("smdp.example.com,CANARY-1,true", "LPA:1$smdp.example.com$CANARY-1$$1")]
    [InlineData("smdp.example.com,,false", "LPA:1$smdp.example.com$")]
    [InlineData("smdp.example.com,,true", "LPA:1$smdp.example.com$$$1")]
    public async Task The_code_says_what_else_the_phone_needs(string row, string code) =>
        Assert.Equal(code, (await Server.Gigs.FetchAsync($"{SimsPath}/{await EsimAsync(row)}/credentials"))["activationCode"]);

    [Theory]
    [InlineData("pSIM")]
    [InlineData("eSIM")]
    public async Task A_pSIM_and_an_eSIM_without_a_server_have_none(string type)
    {
        var id = await Server.GigsSimAsync("test", type);
        await AssertNoneAsync(Server, id);
    }

    [Fact]
    public async Task A_retired_eSIM_has_none_and_its_image_is_gone()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(Fleet.PromptCarriers, wall);
        var id = await EsimAsync(server, "smdp.example.com,CANARY-1,false");
        var path = PathOf(await server.Gigs.FetchAsync($"{SimsPath}/{id}/credentials"));
        await server.SettleAsync(id, "deactivated");
        Assert.Equal(200, (await server.Anonymous.FetchAsync(path)).Status);
        await server.RetireAsync(wall, id);
        await AssertNoneAsync(server, id);
        Assert.Equal((404, ""), await StatusAndTextAsync(server, path));
    }

    [Theory]
    [InlineData("smdp.example.com,CANARY-1,false")]
    [InlineData("smdp.example.com,,false")]
    [InlineData("smdp.example.com,CANARY-2,true")]
    [InlineData("a.long-name-of-a-subscription-manager.data-preparation-server.example.com,"
        + "CANARY-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnopqrstuvwxyz,true")]
    public async Task The_image_reads_as_exactly_the_code_and_needs_no_key(string row)
    {
        var credentials = await Server.Gigs.FetchAsync($"{SimsPath}/{await EsimAsync(row)}/credentials");
        using var response = await Server.Anonymous.GetAsync(new Uri(credentials["qrCodeUrl"]!), Cancelled);
        Assert.Equal((HttpStatusCode.OK, "image/png"), (response.StatusCode, response.Content.Headers.ContentType?.ToString()));
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        var file = Path.Combine(Server.Data, $"{Guid.NewGuid():N}.png");
        await File.WriteAllBytesAsync(file, await response.Content.ReadAsByteArrayAsync(Cancelled), Cancelled);
        Assert.Equal(credentials["activationCode"], await Peer.ReadQrCodeAsync(file));
    }

    [Fact]
    public async Task An_address_that_was_tampered_with_anywhere_is_not_found_and_never_an_error()
    {
        var path = PathOf(await Server.Gigs.FetchAsync($"{SimsPath}/{await EsimAsync("smdp.example.com,CANARY-1,false")}/credentials"));
        var (start, end) = ("/qrcode/".Length, path.Length - ".png".Length);
        var token = path[start..end];
        var tampered = Enumerable.Range(0, token.Length).Select(i => token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..])
            .Concat([token[1..], token[..^1], token + "A", token + "=", token + "%20",
                token[..9] + "%0A" + token[9..], token + token, "x", "",
                "!", "%00", "%2F", "..", "\u00e4", new string('A', token.Length), new string('A', 4000),
                token.ToLowerInvariant(), token + ".png"]);
        var paths = tampered.Select(other => $"/qrcode/{other}.png")
            .Concat([path[..^4], path + "/", path + "x", "/qrcode", "/qrcode/", path.ToUpperInvariant(),
            "/qrcode/x/" + token + ".png"]);
        foreach (var other in paths.Where(other => !other.Contains("%00", StringComparison.Ordinal)))
            Assert.True(await StatusAndTextAsync(Server, other) is (404, _), other);
        foreach (var method in (string[])["POST", "DELETE", "PUT"])
            Assert.Equal(404, (await Server.Anonymous.CallAsync(method, path)).Status);
        Assert.Equal(200, (await Server.Anonymous.FetchAsync(path)).Status);
        Assert.DoesNotContain(Server.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_not_found_may_not_be_stored_either()
    {
        var answer = await Server.Anonymous.FetchAsync("/qrcode/x.png");
        Assert.Equal((404, "no-store"), (answer.Status, answer.Headers.CacheControl?.ToString()));
    }

    [Fact]
    public async Task An_address_is_good_after_a_restart_and_worth_nothing_on_another_server()
    {
        await using var server = await TestServer.StartAsync();
        var id = (await server.Gigs.FetchAsync(SimsPath + "?type=eSIM")).Each("id")[0];
        var path = PathOf(await server.Gigs.FetchAsync($"{SimsPath}/{id}/credentials"));
        await server.RestartAsync();
        Assert.Equal(200, (await server.Anonymous.FetchAsync(path)).Status);
        Assert.Equal(path, PathOf(await server.Gigs.FetchAsync($"{SimsPath}/{id}/credentials")));
        Assert.Equal(404, (await Server.Anonymous.FetchAsync(path)).Status);
    }

    [Fact]
    public async Task The_address_repeats_the_Host_of_the_request_unless_a_public_URL_is_set()
    {
        var id = await EsimAsync("smdp.example.com,CANARY-1,false");
        var asked = await Server.Gigs.FetchAsync($"{SimsPath}/{id}/credentials",
            ("Host", "sims.localhost:8443"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"));
        Assert.StartsWith("http://sims.localhost:8443/qrcode/", asked["qrCodeUrl"], StringComparison.Ordinal);
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Http:PublicUrl"] = "https://sims.example/" });
        var esim = (await server.Gigs.FetchAsync(SimsPath + "?type=eSIM")).Each("id")[0];
        Assert.StartsWith("https://sims.example/qrcode/", (await server.Gigs.FetchAsync($"{SimsPath}/{esim}/credentials"))["qrCodeUrl"],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_are_served_up_to_a_number_a_minute()
    {
        var wall = new MovableTime();
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Gigs:QrPerMinute"] = "3" }, wall);
        var id = (await server.Gigs.FetchAsync(SimsPath + "?type=eSIM")).Each("id")[0];
        var path = PathOf(await server.Gigs.FetchAsync($"{SimsPath}/{id}/credentials"));
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, (await server.Anonymous.FetchAsync(path)).Status);
        var refused = await server.Anonymous.FetchAsync(path);
        Assert.Equal(429, refused.Status);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(429, (await server.Anonymous.FetchAsync("/qrcode/x.png")).Status);
        Assert.Equal(200, (await server.Gigs.FetchAsync($"{SimsPath}/{id}/credentials")).Status);
        wall.Pass(refused.Headers.RetryAfter.Delta.Value);
        Assert.Equal(200, (await server.Anonymous.FetchAsync(path)).Status);
    }

    [Fact]
    public async Task Of_one_IPv6_network_of_64_bits_all_addresses_together_get_so_many_images()
    {
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Gigs:QrPerMinute"] = "3", ["Http:TrustedProxies"] = "127.0.0.1" });
        async Task<int> StatusAsync(string address) =>
            (await server.Anonymous.FetchAsync("/qrcode/x.png", ("X-Forwarded-For", address))).Status;
        for (var i = 0; i < 3; i++)
            Assert.Equal(404, await StatusAsync($"2001:db8:0:1::{i}"));

        Assert.Equal(429, await StatusAsync("2001:db8:0:1:1::"));
        Assert.Equal(404, await StatusAsync("2001:db8:0:2::"));
    }

    private Task<string> EsimAsync(string smdpAndMatchingIdAndConfirmation) => EsimAsync(Server, smdpAndMatchingIdAndConfirmation);

    private static Task<string> EsimAsync(TestServer server, string smdpAndMatchingIdAndConfirmation) =>
        server.GigsSimAsync("test", "eSIM", ("smdp_address,matching_id,confirmation_code_required", smdpAndMatchingIdAndConfirmation));

    private static string PathOf(Answer credentials) => new Uri(credentials["qrCodeUrl"]!).AbsolutePath;

    private static async Task<(int Status, string Text)> StatusAndTextAsync(TestServer server, string path)
    {
        var answer = await server.Anonymous.FetchAsync(path);
        return (answer.Status, answer.Text);
    }

    private static async Task AssertNoneAsync(TestServer server, string id)
    {
        var answer = await server.Gigs.FetchAsync($"{SimsPath}/{id}/credentials");
        Assert.Equal(200, answer.Status);
        Assert.Equal(
            $$"""
            {"object":"simCredentials","activationCode":null,"androidInstallUrl":null,"iosInstallUrl":null,"qrCodeUrl":null,
            "sim":"{{id}}"}
            """.ReplaceLineEndings(""),
            answer.Text);
    }
}
