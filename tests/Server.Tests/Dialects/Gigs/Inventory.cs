using System.Text;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>
/// Does what no request of the Gigs dialect can do and its tests need: brings SIMs in, and moves them through their life.
/// </summary>
internal static class Inventory
{
    public const string SimsPath = "/projects/sandbox/sims";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Carriers that answer at once, and have eSIM profiles or none.</summary>
    public static Dictionary<string, string?> PromptCarriers => new()
    {
        ["Carriers:test:Delay"] = "0ms",
        ["Carriers:p3:Kind"] = "test",
        ["Carriers:p3:Delay"] = "0ms",
        ["Carriers:p9:Kind"] = "test",
        ["Carriers:p9:Delay"] = "0ms",
    };

    /// <summary>An ICCID of 19 digits that no demo SIM has.</summary>
    public static string Iccid(int number) => $"8988307{number:D12}";

    /// <summary>Imports rows under a line of column names.</summary>
    public static async Task ImportAsync(this TestServer server, string columns, params string[] rows) =>
        await server.ImportIntoAsync(TestServer.MasterSid, columns, rows);

    public static async Task ImportIntoAsync(this TestServer server, string account, string columns, params string[] rows)
    {
        var csv = new StringContent(string.Join('\n', rows.Prepend(columns)) + "\n", Encoding.UTF8, "text/csv");
        var answer = await server.Operator.SendAsync("POST", $"/operator/v1/accounts/{account}/sims/import?format=csv", csv);
        Assert.Contains($"\"imported\":{rows.Length},", answer.Text, StringComparison.Ordinal);
    }

    /// <summary>Imports one row and answers the SIM's Gigs id.</summary>
    public static async Task<string> ImportOneAsync(this TestServer server, string columns, string row)
    {
        await server.ImportAsync(columns, row);
        return await server.IdAsync(row.Split(',')[0]);
    }

    public static async Task<string> IdAsync(this TestServer server, string iccid) =>
        (await server.Operator.ReadAsync($"/operator/v1/sims?iccid={iccid}")).Items[0].GetProperty("id").GetString()!;

    public static async Task<string> SidAsync(this TestServer server, string id) =>
        (await server.Operator.ReadAsync($"/operator/v1/sims/{id}"))["sid"]!;

    /// <summary>Takes a SIM through these statuses, each of them settled before the next.</summary>
    public static async Task SettleAsync(this TestServer server, string id, params string[] statuses)
    {
        foreach (var status in statuses)
        {
            var form = new FormUrlEncodedContent([new("Status", status), new("RatePlan", TestServer.PlanSid)]);
            var answer = await server.Kore.SendAsync("POST", $"/v1/Sims/{await server.SidAsync(id)}", form);
            Assert.True(answer.Status is 200 or 202, answer.Text);
            await server.UntilAsync(id, status);
        }
    }

    /// <summary>Deactivates SIMs and lets the 72 hours pass after which they are retired.</summary>
    public static async Task RetireAsync(this TestServer server, MovingWall wall, params string[] ids)
    {
        foreach (var id in ids)
            await server.SettleAsync(id, "deactivated");
        wall.Advance(TimeSpan.FromHours(73));
        await server.RestartAsync();
        foreach (var id in ids)
            await server.UntilAsync(id, "canceled");
    }

    private static async Task UntilAsync(this TestServer server, string id, string status)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while ((await server.Operator.ReadAsync($"/operator/v1/sims/{id}"))["shown"] != status)
            await Task.Delay(20, patience.Token);
    }
}
