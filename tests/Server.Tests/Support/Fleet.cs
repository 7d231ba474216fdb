using System.Text;
using System.Text.Json;
using Simkeeper.Core;

namespace Simkeeper.Server.Tests.Support;

/// <summary>An account that a test made for itself.</summary>
internal sealed record OwnAccount(string Sid, string Project, string Token, HttpClient Kore);

/// <summary>SIMs, accounts and keys that tests make, and the ways of a SIM to a status.</summary>
internal static class Fleet
{
    private static int _number;

    /// <summary>Carriers that answer at once. <c>p3</c> and <c>p9</c> report eSIM profiles.</summary>
    public static Dictionary<string, string?> PromptCarriers => new()
    {
        ["Carriers:test:Delay"] = "0ms",
        ["Carriers:p3:Kind"] = "test",
        ["Carriers:p3:Delay"] = "0ms",
        ["Carriers:p9:Kind"] = "test",
        ["Carriers:p9:Delay"] = "0ms",
    };

    /// <summary>A number that no other test of this run has.</summary>
    public static int Number() => Interlocked.Increment(ref _number);

    public static string Iccid() => WithCheckDigit($"898830{Number():D12}");

    /// <summary>Luhn, as ITU-T E.118 has it for an ICCID.</summary>
    public static string WithCheckDigit(string digits)
    {
        var doubled = digits.Reverse().Select((digit, i) => (digit - '0') * (i % 2 == 0 ? 2 : 1));
        return digits + (10 - doubled.Sum(value => value / 10 + value % 10) % 10) % 10;
    }

    /// <summary>The Gigs id of the SIM with this sid.</summary>
    public static string GigsId(string sid) => Ids.ToBase62("sim", Guid.Parse(sid[2..]));

    /// <summary>The sid of the SIM with this Gigs id.</summary>
    public static string Sid(string gigsId) =>
        Ids.TryParseBase62("sim", gigsId, out var id) ? Ids.ToSid("DE", id) : throw new ArgumentException(gigsId);

    public static async Task<OwnAccount> AccountAsync(this TestServer server, string? parent = null)
    {
        var project = $"own-{Number()}";
        var body = parent is null ? new { name = "Own", project } : (object)new { name = "Own", project, parent };
        var made = (await server.Operator.JsonAsync("/operator/v1/accounts", TestJson.Text(body))).Is(201);
        return new OwnAccount(made["sid"]!, project, made["authToken"]!, server.Basic(made["sid"]!, made["authToken"]!));
    }

    /// <summary>A master account and a subaccount of it.</summary>
    public static async Task<(OwnAccount Master, OwnAccount Sub)> FamilyAsync(this TestServer server)
    {
        var master = await server.AccountAsync();
        return (master, await server.AccountAsync(master.Sid));
    }

    /// <param name="kind"><c>gigs</c>, <c>kore</c> or <c>client</c>.</param>
    public static async Task<(string Id, string Secret)> KeyAsync(
        this TestServer server, string kind, string role = "write", string account = TestServer.MasterSid, string? expiresAt = null)
    {
        var body = TestJson.Text(new { kind, role, expiresAt });
        var made = (await server.Operator.JsonAsync($"/operator/v1/accounts/{account}/keys", body)).Is(201);
        return (made["id"]!, made["secret"]!);
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
        await server.Operator.ImportRowsAsync(header, [row], account);
        return await server.SidAsync(iccid);
    }

    /// <summary>Imports one SIM and gives its Gigs id.</summary>
    public static async Task<string> GigsSimAsync(
        this TestServer server, string provider, string type, params (string Column, string Value)[] more) =>
        GigsId(await server.SimAsync(provider, more: [("type", type), .. more]));

    /// <summary>Imports SIMs that are not there yet, under a line of column names.</summary>
    public static async Task ImportRowsAsync(
        this HttpClient operators, string columns, IReadOnlyCollection<string> rows, string account = TestServer.MasterSid)
    {
        var lines = await operators.ImportAsync(string.Join('\n', [columns, .. rows, ""]), account);
        Assert.Equal(rows.Count, lines[^1].GetProperty("imported").GetInt32());
    }

    /// <summary>Imports as many SIMs of the test carrier, and gives their ICCIDs.</summary>
    public static async Task<IReadOnlyList<string>> ImportSimsAsync(
        this HttpClient operators, int count, string account = TestServer.MasterSid)
    {
        string[] iccids = [.. Enumerable.Range(0, count).Select(_ => Iccid())];
        await operators.ImportRowsAsync("iccid,provider", [.. iccids.Select(iccid => $"{iccid},test")], account);
        return iccids;
    }

    /// <summary>Imports a file and gives the lines of the answer.</summary>
    public static Task<IReadOnlyList<JsonElement>> ImportAsync(
        this TestServer server, string file, string account = TestServer.MasterSid, string query = "format=csv") =>
        server.Operator.ImportAsync(file, account, query);

    private static async Task<IReadOnlyList<JsonElement>> ImportAsync(
        this HttpClient operators, string file, string account, string query = "format=csv")
    {
        using var content = new StringContent(file, Encoding.UTF8,
            query.Contains("out", StringComparison.Ordinal) ? "text/plain" : "text/csv");
        var answer = await operators.CallAsync(HttpMethod.Post, $"/operator/v1/accounts/{account}/sims/import?{query}", content);
        return [.. answer.Is(200).Text.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public static async Task<string> SidAsync(this TestServer server, string iccid) =>
        (await server.Operator.FetchAsync($"/operator/v1/sims?iccid={iccid}")).Is(200).Each("sid")[0];

    public static async Task<string> GigsIdAsync(this TestServer server, string iccid) => GigsId(await server.SidAsync(iccid));

    /// <summary>The SIM's newest operation, once the carrier was asked.</summary>
    public static async Task<Answer> OperationAsync(this TestServer server, string sim)
    {
        var list = await Calls.UntilAsync(
            () => server.Operator.FetchAsync($"/operator/v1/operations?sim={sim}&limit=1"),
            answer => answer.Items[0].GetProperty("waitingFor").GetString() is "operator");
        return list with { Text = list.Items[0].GetRawText() };
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

    /// <summary>A SIM of the test carrier in a status of service, while the clock stands.</summary>
    public static async Task<string> ServedAsync(
        this TestServer server, string status = "active", HttpClient? kore = null, string account = TestServer.MasterSid,
        string plan = "sandbox-plan", params (string Column, string Value)[] more)
    {
        var sim = await server.SimAsync("test", account, more);
        (await (kore ?? server.Kore).FormAsync($"/v1/Sims/{sim}", ("Status", status), ("RatePlan", plan))).Is(202);
        await server.AdvanceAsync("1s");
        Assert.Equal(status, await server.SettledAsync(sim));
        return sim;
    }

    /// <summary>Takes a SIM of a prompt carrier through statuses, each of them shown before the next.</summary>
    public static async Task SettleAsync(this TestServer server, string gigsId, params string[] statuses)
    {
        foreach (var status in statuses)
        {
            await server.AskAsync(Sid(gigsId), status);
            await server.UntilShownAsync(gigsId, status);
        }
    }

    /// <summary>Deactivates SIMs of a prompt carrier and lets the 72 hours pass after which they are retired.</summary>
    public static async Task RetireAsync(this TestServer server, MovableTime wall, params string[] gigsIds)
    {
        foreach (var id in gigsIds)
            await server.SettleAsync(id, "deactivated");
        wall.Move(TimeSpan.FromHours(73));
        foreach (var id in gigsIds)
            await server.UntilShownAsync(id, "canceled");
    }
}
