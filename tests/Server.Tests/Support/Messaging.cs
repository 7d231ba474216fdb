
namespace Simkeeper.Server.Tests.Support;

/// <summary>SIMs that can send and get Commands, and what became of these.</summary>
internal static class Messaging
{
    /// <summary>A SIM of the test carrier in a status of service, while the clock stands.</summary>
    public static async Task<string> ServedAsync(
        this TestServer server, string status = "active", HttpClient? kore = null, string account = TestServer.MasterSid,
        string plan = "sandbox-plan")
    {
        var sim = await server.SimAsync("test", account);
        (await (kore ?? server.Kore).FormAsync($"/v1/Sims/{sim}", ("Status", status), ("RatePlan", plan))).Is(202);
        await server.AdvanceAsync("1s");
        Assert.Equal(status, await server.SettledAsync(sim));
        return sim;
    }

    /// <summary>Sends a Command as the master account. Gives its sid.</summary>
    public static async Task<string> SendAsync(this TestServer server, string sim, params (string, string)[] more) =>
        (await server.Kore.FormAsync("/v1/Commands", [("Sim", sim), ("Command", "on"), .. more])).Is(201)["sid"]!;

    /// <summary>The device of a SIM speaks. Gives the Command's sid.</summary>
    public static async Task<string> SpeakAsync(this TestServer server, string sim, string text = "hello") =>
        (await server.Operator.JsonAsync("/operator/v1/commands/inbound", TestJson.Text(new { sim, command = text }))).Is(201)["sid"]!;

    public static async Task<string?> CommandAsync(this TestServer server, string command) =>
        (await server.Kore.FetchAsync($"/v1/Commands/{command}")).Is(200)["status"];

    public static Task<string?> UntilCommandAsync(this TestServer server, string command, string status) =>
        Calls.UntilAsync(() => server.CommandAsync(command), seen => seen == status);

    /// <summary>The parameters of a form.</summary>
    public static Dictionary<string, string> Form(string body) => body.Split('&').Select(pair => pair.Split('=', 2))
        .ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
}
