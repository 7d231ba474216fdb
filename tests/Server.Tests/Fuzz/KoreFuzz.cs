using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Fuzz;

public sealed class KoreFuzz
{
    private const int Requests = 600;

    [Fact]
    public async Task No_request_breaks_what_stands_beside_the_Sims()
    {
        await using var server = await Fuzzing.StartAsync();
        var account = $"/2010-04-01/Accounts/{TestServer.SubaccountSid}.json";
        var sims = (await server.Kore.FetchAsync("/v1/Sims?PageSize=1")).Is(200).Json.GetProperty("sims");
        var sim = sims[0].GetProperty("sid").GetString()!;
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "one"))).Is(200);
        var requests = OddRequests.Of(new ApiWords
        {
            Authorization = $"{Calls.Basic(TestServer.MasterSid, "sandbox-token")}",
            Operations =
            [
                ("GET", "/2010-04-01/Accounts.json"), ("POST", "/2010-04-01/Accounts.json"), ("GET", account), ("POST", account),
                ("GET", "/v1/Events"), ("GET", "/v1/Events/AE00000000000000000000000000000001"),
            ],
            OddPaths = ["/2010-04-01", "/2010-04-01/Accounts/.json", "/2010-04-01/Accounts/AC.json", "/v1/Events/DE", "/v1/Events.json"],
            Parameters = ["PageSize", "Page", "PageToken", "Status", "FriendlyName", "ActorSid", "EventType", "ResourceSid",
                "SourceIpAddress", "StartDate", "EndDate"],
            Values = ["1", "1000", "active", "closed", "PA" + sim[2..], "PB" + sim[2..], sim, TestServer.MasterSid, "127.0.0.1", "::1%lo",
                "wireless-sim.updated", "2026-01-01", "9999-12-31", "0001-01-01", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00",
                "2026-01-01T00:00:00.1234567Z"],
            ContentType = "application/x-www-form-urlencoded",
            Bodies = OddRequests.FormBodies(["FriendlyName", "Status"], ["active", "suspended", "asleep", "Fleet"]),
        });

        await Fuzzing.RunAsync(server, requests, Requests, IsError);
    }

    [Fact]
    public async Task No_request_breaks_the_KORE_dialect()
    {
        await using var server = await Fuzzing.StartAsync();
        var sids = (await server.Kore.FetchAsync("/v1/Sims")).Is(200).Json.GetProperty("sims").EnumerateArray()
            .Select(sim => sim.GetProperty("sid").GetString()!).ToList();
        var requests = OddRequests.Of(new ApiWords
        {
            Authorization = $"{Calls.Basic(TestServer.MasterSid, "sandbox-token")}",
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

        await Fuzzing.RunAsync(server, requests, Requests, IsError);
    }

    private static bool IsError(JsonElement error, int status) =>
        error.EnumerateObject().Select(member => member.Name).SequenceEqual(["code", "message", "more_info", "status"])
        && error.GetProperty("status").GetInt32() == status
        && error.GetProperty("code").GetInt32() is >= 20000 and < 40000
        && error.GetProperty("message").GetString()!.Length > 0
        && error.GetProperty("more_info").GetString()!.EndsWith($"/{error.GetProperty("code")}", StringComparison.Ordinal);
}
