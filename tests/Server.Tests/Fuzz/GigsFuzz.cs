using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Fuzz;

public sealed class GigsFuzz
{
    private const int Requests = 600;

    [Fact]
    public async Task No_request_breaks_the_Gigs_dialect()
    {
        await using var server = await Fuzzing.StartAsync();
        var sims = (await server.Gigs.FetchAsync("/projects/sandbox/sims?limit=2")).Is(200).Items;
        string Text(int sim, string name) => sims[sim].GetProperty(name).GetString()!;
        var requests = OddRequests.Of(new ApiWords
        {
            Authorization = "Bearer gpk_sandbox",
            Operations =
            [
                ("GET", "/projects/sandbox/sims"), ("POST", "/projects/sandbox/sims/search"), ("GET",
                    $"/projects/sandbox/sims/{Text(0, "id")}"),
                ("PATCH", $"/projects/sandbox/sims/{Text(0, "id")}"), ("PATCH", $"/projects/sandbox/sims/{Text(1, "id")}"),
                ("GET", $"/projects/sandbox/sims/{Text(0, "id")}/credentials"), ("GET",
                    $"/projects/sandbox/sims/{Text(1, "id")}/eSimProfile"),
            ],
            OddPaths = ["/projects/sandbox-sub/sims", "/projects/sandbox/sims/sim_0000000000000000000000", "/projects",
                "/projects/sandbox"],
            Parameters = ["limit", "status", "provider", "type", "user", "after", "before", "Limit", "iccid"],
            Values = ["10", "active", "inactive,retired", "test", "eSIM", "pSIM", Text(0, "id"), Text(1, "id"), "usr_1", "200", "201"],
            ContentType = "application/json",
            Bodies = OddRequests.JsonBodies(["metadata", "metadata", "iccid", "type", "k1", "status"], [Text(0, "iccid"),
                "8942420000000000015F", "eSIM", "north", "v"]),
        });

        await Fuzzing.RunAsync(server, requests, Requests, static (error, status) => error.TryGetProperty("object", out var of)
            && of.GetString() == "error"
            && error.GetProperty("message").GetString()!.Length > 0
            && error.GetProperty("type").GetString() == status switch
            {
                400 => "malformed",
                401 => "unauthenticated",
                403 => "permissionDenied",
                404 => "notFound",
                409 => "conflict",
                422 => "invalid",
                _ => "no such error",
            });
    }
}
