using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>The server is told to stop while a receiver hangs, a stream is open and an import is half done.</summary>
[Attack]
[SqliteOnly]
[StartsProgram]
public sealed class StopAttack
{
    private const string Import = $"/operator/v1/accounts/{TestServer.MasterSid}/sims/import?format=csv";

    /// <summary>Before there was a limit it took 30 s. The limit is a second here; the rest is for a slow machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task It_ends_in_time_and_nothing_that_was_acknowledged_is_lost()
    {
        using var folder = new TestFolder();
        using var hangs = new TcpListener(IPAddress.Loopback, 0);
        hangs.Start();
        var iccid = Fleet.Iccid();
        TimeSpan took;
        await using (var server = await ServerProcess.StartAsync(
            new Dictionary<string, string> { ["Http:StopTime"] = "1s" }, "--data", folder.Path))
        {
            using var operators = Calls.Client(server.Url, Calls.Bearer("skop_sandbox"));
            using var kore = Calls.Client(server.Url, Calls.Basic(TestServer.MasterSid, "sandbox-token"));
            await operators.ImportRowsAsync("iccid,provider", [$"{iccid},test"]);
            var sim = (await operators.FetchAsync($"/operator/v1/sims?iccid={iccid}")).Items[0].GetProperty("sid").GetString();
            (await kore.FormAsync($"/v1/Sims/{sim}", ("Status", "ready"), ("RatePlan", TestServer.PlanSid),
                ("CallbackUrl", $"http://127.0.0.1:{((IPEndPoint)hangs.LocalEndpoint).Port}/"))).Is(202);
            using var stream = await operators.GetAsync(
                "/operator/v1/stream", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            using var half = await RawConnection.OpenAsync(server.Url);
            await half.AskAsync("POST", Import, "Authorization: Bearer skop_sandbox", "Content-Type: text/csv", "Content-Length: 100000");
            await half.SendAsync($"iccid,provider\n{Fleet.Iccid()},test\n");
            using var called = await hangs.AcceptSocketAsync(TestContext.Current.CancellationToken);

            var asked = Stopwatch.GetTimestamp();
            await server.EndAsync("TERM");
            took = Stopwatch.GetElapsedTime(asked);
        }
        Assert.InRange(took, TimeSpan.Zero, Patience);

        await using var again = await ServerProcess.StartAsync([], "--data", folder.Path);
        using var reader = Calls.Client(again.Url, Calls.Bearer("skop_sandbox"));
        Assert.Equal("ready", (await reader.FetchAsync($"/operator/v1/sims?iccid={iccid}")).Items[0].GetProperty("status").GetString());
        var callback = (await reader.FetchAsync("/operator/v1/deliveries?kind=callback")).Items.Single();
        Assert.Equal("pending", callback.GetProperty("state").GetString());
    }
}
