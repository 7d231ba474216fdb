using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Simkeeper.Core.Sims;

namespace Simkeeper.Bench;

/// <summary>The facts that the process of the load needs.</summary>
/// <param name="Url">The server.</param>
/// <param name="Callbacks">Callback URLs, each as often as its receiver is to be called.</param>
internal sealed record SoakPlan(string Url, List<string> Callbacks, List<SoakOrg> Orgs);

/// <summary>An org that calls more often than the server can answer.</summary>
/// <param name="Address">The loopback address that it calls from.</param>
/// <param name="Plan">The rate plan of its active SIMs.</param>
internal sealed record SoakOrg(string Sid, string Project, string Bearer, string Basic, string Address, string Plan)
{
    public List<SoakSim> Sims { get; init; } = [];

    /// <summary>Those that take Commands and changes of their status.</summary>
    public List<SoakSim> Active { get; init; } = [];

    /// <summary>Makes orgs with keys, and a folder with SIMs of theirs that have been in use.</summary>
    public static async Task<(string Folder, List<SoakOrg> Orgs)> FillAsync(Setup setup, int count, int sims)
    {
        var folder = Directory.CreateDirectory(Path.Combine(setup.Scratch, "soak")).FullName;
        var orgs = new List<SoakOrg>();
        await using (var server = await ServerProcess.StartAsync(setup.Program, folder))
        {
            using var operators = Operators(server);
            for (var i = 1; i <= count; i++)
                orgs.Add(await MakeAsync(operators, i));
        }
        var plans = orgs.Select(org => Guid.ParseExact(org.Plan[2..], "N")).ToList();
        var ids = orgs.Select(org => Guid.ParseExact(org.Sid[2..], "N")).ToList();
        var (_, filled) = await Stores.FillAsync(setup, "soak", sims, number =>
        {
            var sim = Inventory.InUse(number) with { OrgId = ids[number % count], AccountId = ids[number % count] };
            return sim.Status == SimStatus.Active ? sim with { Provider = "test", RatePlanId = plans[number % count] } : sim;
        });
        for (var i = 0; i < filled.Count; i++)
        {
            var sim = new SoakSim(filled[i].PublicId, filled[i].Sid, filled[i].Iccid);
            orgs[i % count].Sims.Add(sim);
            if (filled[i].Status == SimStatus.Active)
                orgs[i % count].Active.Add(sim);
        }
        return (folder, orgs);
    }

    /// <summary>A client with the operator's key.</summary>
    public static HttpClient Operators(ServerProcess server)
    {
        var client = new HttpClient { BaseAddress = new Uri(server.Url) };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(ServerProcess.OperatorAuthorization);
        return client;
    }

    private static async Task<SoakOrg> MakeAsync(HttpClient operators, int number)
    {
        async Task<JsonElement> PostAsync(string path, object json)
        {
            using var answer = await operators.PostAsJsonAsync(path, json);
            return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        }
        var project = $"soak-{number}";
        var made = await PostAsync("/operator/v1/accounts", new { name = project, project });
        var sid = made.GetProperty("sid").GetString()!;
        var key = await PostAsync($"/operator/v1/accounts/{sid}/keys", new { kind = "gigs", role = "write" });
        var token = Encoding.ASCII.GetBytes($"{sid}:{made.GetProperty("authToken").GetString()}");
        var basic = "Basic " + Convert.ToBase64String(token);
        using var form = new FormUrlEncodedContent([new("UniqueName", "plan")]);
        using var asked = new HttpRequestMessage(HttpMethod.Post, "/v1/RatePlans") { Content = form };
        asked.Headers.TryAddWithoutValidation("Authorization", basic);
        using var answer = await operators.SendAsync(asked);
        var plan = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        return new SoakOrg(sid, project, $"Bearer {key.GetProperty("secret").GetString()}", basic, $"127.0.1.{number}",
            plan.GetProperty("sid").GetString()!);
    }
}

/// <summary>The names of a SIM.</summary>
internal sealed record SoakSim(string PublicId, string Sid, string Iccid);
