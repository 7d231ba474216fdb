using System.Text;
using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Fuzz;

public sealed class KoreFuzz
{
    private const int Requests = 600;

    [Fact]
    public async Task No_request_breaks_the_KORE_dialect()
    {
        await using var server = await Fuzzing.StartAsync();
        var list = await server.Kore.GetStringAsync("/v1/Sims", TestContext.Current.CancellationToken);
        var sids = JsonDocument.Parse(list).RootElement.GetProperty("sims").EnumerateArray().Select(sim =>
            sim.GetProperty("sid").GetString()!).ToList();
        var requests = OddRequests.Of(new ApiWords
        {
            Authorization = "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes($"{TestServer.MasterSid}:sandbox-token")),
            Operations =
            [
                ("GET", "/v1/Sims"), ("GET", $"/v1/Sims/{sids[0]}"), .. sids.Skip(2).Select(sid => ("POST", $"/v1/Sims/{sid}")), ("DELETE",
                    $"/v1/Sims/{sids[1]}"),
                ("GET", "/v1/Sims.json"), ("POST", $"/v1/Sims/{sids[2]}.json"),
            ],
            OddPaths = [$"/v1/Sims/{sids[0].ToLowerInvariant()}", "/v1", "/v1/Other", "/2010-04-01", "/v1/Sims/pump"],
            Parameters = ["PageSize", "Page", "PageToken", "Status", "Iccid", "RatePlan", "EId", "SimRegistrationCode", "pagesize"],
            Values = ["1", "1000", "new", "updating", "deleted", "PA" + sids[0][2..], "PB" + sids[1][2..], TestServer.PlanSid,
                "sandbox-plan", "null"],
            ContentType = "application/x-www-form-urlencoded",
            Bodies = OddRequests.FormBodies(
                ["Status", "Status", "RatePlan", "UniqueName", "FriendlyName", "CallbackUrl", "CallbackMethod", "AccountSid",
                    "ResetStatus", "SmsUrl", "VoiceMethod"],
                ["active", "ready", "suspended", "deactivated", "new", "updating", "sandbox-plan", TestServer.PlanSid, "null", "resetting",
                    "GET", "http://127.0.0.1:9/",
                    "http://[::1", "http://u:p@h", "https://x%20y", "ftp://x", TestServer.SubaccountSid, TestServer.MasterSid, "pump",
                    sids[0]]),
        });

        await Fuzzing.RunAsync(server, requests, Requests, static (error, status) =>
            error.EnumerateObject().Select(member => member.Name).SequenceEqual(["code", "message", "more_info", "status"])
            && error.GetProperty("status").GetInt32() == status
            && error.GetProperty("code").GetInt32() is >= 20000 and < 40000
            && error.GetProperty("message").GetString()!.Length > 0
            && error.GetProperty("more_info").GetString()!.EndsWith($"/{error.GetProperty("code")}", StringComparison.Ordinal));
    }
}
