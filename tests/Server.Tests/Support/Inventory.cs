using System.Text;
using System.Text.Json;

namespace Simkeeper.Server.Tests.Support;

/// <summary>An account that a test made for itself.</summary>
internal sealed record OwnAccount(string Sid, string Project, string Token, HttpClient Kore);

/// <summary>Sets up through the operator API what tests need.</summary>
internal static class Inventory
{
    private static int _number;

    /// <summary>A number that no other test of this run has.</summary>
    public static int Number() => Interlocked.Increment(ref _number);

    public static string Iccid() => WithCheckDigit($"898830{Number():D12}");

    public static async Task<OwnAccount> AccountAsync(this TestServer server, string? parent = null)
    {
        var project = $"own-{Number()}";
        var body = parent is null ? new { name = "Own", project } : (object)new { name = "Own", project, parent };
        var made = (await server.Operator.JsonAsync("/operator/v1/accounts", TestJson.Text(body))).Is(201);
        return new OwnAccount(made["sid"]!, project, made["authToken"]!, server.Basic(made["sid"]!, made["authToken"]!));
    }

    /// <summary>
    /// Imports one SIM and gives its sid. The carrier <c>lab</c> is manual: an operation waits for <see cref="EndAsync"/>.
    /// </summary>
    public static async Task<string> SimAsync(
        this TestServer server, string provider = "lab", string account = TestServer.MasterSid, params (string Column, string Value)[] more)
    {
        var iccid = Iccid();
        var header = string.Join(',', more.Select(column => column.Column).Prepend("provider").Prepend("iccid"));
        var row = string.Join(',', more.Select(column => column.Value).Prepend(provider).Prepend(iccid));
        var lines = await server.ImportAsync($"{header}\n{row}\n", account);
        Assert.Equal("""{"imported":1,"present":0,"refused":0}""", lines[^1].GetRawText());
        var found = (await server.Operator.FetchAsync($"/operator/v1/sims?iccid={iccid}")).Is(200);
        return found.Json.GetProperty("items")[0].GetProperty("sid").GetString()!;
    }

    /// <summary>Imports a file and gives the lines of the answer.</summary>
    public static async Task<IReadOnlyList<JsonElement>> ImportAsync(
        this TestServer server, string file, string account = TestServer.MasterSid, string query = "format=csv")
    {
        using var content = new StringContent(file, Encoding.UTF8,
            query.Contains("out", StringComparison.Ordinal) ? "text/plain" : "text/csv");
        var answer = await server.Operator.CallAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/sims/import?{query}", content);
        return [.. answer.Is(200).Text.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>The SIM's newest operation, once the carrier was asked.</summary>
    public static async Task<Answer> OperationAsync(this TestServer server, string sim)
    {
        var list = await Calls.UntilAsync(
            () => server.Operator.FetchAsync($"/operator/v1/operations?sim={sim}&limit=1"),
            answer => answer.Json.GetProperty("items")[0].GetProperty("waitingFor").GetString() is "operator");
        return new Answer(200, list.ContentType, list.Json.GetProperty("items")[0].GetRawText());
    }

    /// <summary>Ends the SIM's open operation as a person would.</summary>
    public static async Task<Answer> EndAsync(this TestServer server, string sim, string outcome = "done")
    {
        var operation = await server.OperationAsync(sim);
        return (await server.Operator.JsonAsync($"/operator/v1/operations/{operation["id"]}/force", $$"""{"outcome":"{{outcome}}"}"""))
            .Is(200);
    }

    /// <summary>Puts a SIM of a manual carrier into a status, with the account's plan where it needs one.</summary>
    public static async Task ReachAsync(this TestServer server, HttpClient kore, string sim, string status,
        string plan = TestServer.PlanSid)
    {
        (await kore.FormAsync($"/v1/Sims/{sim}", ("Status", status), ("RatePlan", plan))).Is(202);
        await server.EndAsync(sim);
        Assert.Equal(status, (await kore.FetchAsync($"/v1/Sims/{sim}"))["status"]);
    }

    /// <summary>Luhn, as ITU-T E.118 has it for an ICCID.</summary>
    public static string WithCheckDigit(string digits)
    {
        var doubled = digits.Reverse().Select((digit, i) => (digit - '0') * (i % 2 == 0 ? 2 : 1));
        return digits + (10 - doubled.Sum(value => value / 10 + value % 10) % 10) % 10;
    }
}
