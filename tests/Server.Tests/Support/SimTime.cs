using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Simkeeper.Server.Tests.Support;

/// <summary>A message that a receiver heard of a SIM, and the SIM-clock time of it.</summary>
internal sealed record Heard(string Sim, string Status, string? ErrorCode, DateTimeOffset At);

/// <summary>SIM time is driven, not waited for: frozen first, then advanced, so that every moment is known to the millisecond.</summary>
internal static class SimTime
{
    /// <summary>Stops the clock; gives the moment at which it stands.</summary>
    public static async Task<DateTimeOffset> FreezeAsync(this TestServer server) =>
        Time((await server.Operator.JsonAsync("/operator/v1/clock/freeze", "")).Is(200).Json, "now");

    /// <summary>Moves the clock and waits until all that became due is done.</summary>
    public static Task<DateTimeOffset> AdvanceAsync(this TestServer server, string by) => MoveAsync(server, $$"""{"by":"{{by}}"}""");

    public static Task AdvanceToAsync(this TestServer server, DateTimeOffset to) =>
        MoveAsync(server, $$"""{"to":"{{to.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}}"}""");

    private static async Task<DateTimeOffset> MoveAsync(TestServer server, string request)
    {
        var answer = await server.Operator.JsonAsync("/operator/v1/clock/advance", request);
        // A move that takes long is waited for by the next one.
        while (answer.Status == 202)
            answer = await server.Operator.JsonAsync("/operator/v1/clock/advance", """{"by":"0ms"}""");
        return Time(answer.Is(200).Json, "now");
    }

    public static async Task<DateTimeOffset> NowAsync(this TestServer server) =>
        Time((await server.Operator.FetchAsync("/operator/v1/clock")).Is(200).Json, "now");

    public static async Task FaultAsync(this TestServer server, string fault) =>
        (await server.Operator.JsonAsync("/operator/v1/faults", fault)).Is(201);

    /// <summary>Asks for a status as a KORE user of the master account; also for the one that the SIM has already.</summary>
    public static async Task AskAsync(this TestServer server, string sim, string status, string? callback = null)
    {
        (string, string)[] form = [("Status", status), ("RatePlan", "sandbox-plan")];
        if (callback is not null)
            form = [.. form, ("CallbackUrl", callback), ("CallbackMethod", "GET")];
        var answer = await server.Kore.FormAsync($"/v1/Sims/{sim}", form);
        Assert.True(answer.Status is 202 or 200, $"{answer}");
    }

    /// <summary>The status that KORE shows.</summary>
    public static async Task<string?> ShownAsync(this TestServer server, string sim) =>
        (await server.Operator.FetchAsync($"/operator/v1/sims/{sim}")).Is(200)["shown"];

    /// <summary>The status that the network has.</summary>
    public static async Task<string?> SettledAsync(this TestServer server, string sim) =>
        (await server.Operator.FetchAsync($"/operator/v1/sims/{sim}")).Is(200)["status"];

    public static Task<string?> UntilShownAsync(this TestServer server, string sim, string status) =>
        Calls.UntilAsync(() => server.ShownAsync(sim), shown => shown == status);

    /// <summary>The SIM's newest operation.</summary>
    public static async Task<JsonElement> NewestOperationAsync(this TestServer server, string sim) =>
        (await server.Operator.FetchAsync($"/operator/v1/operations?sim={sim}&limit=1")).Is(200).Items[0];

    /// <summary>The events of a SIM, or of all, oldest first.</summary>
    public static async Task<IReadOnlyList<JsonElement>> EventsAsync(this TestServer server, string? sim = null) =>
        [.. (await server.Operator.FetchAsync($"/operator/v1/events?limit=500{(sim is null ? "" : "&sim=" + sim)}")).Is(200)
            .Items];

    /// <summary>The types of a SIM's events after its creation; a change of status as that status.</summary>
    public static async Task<IReadOnlyList<string>> StoryAsync(this TestServer server, string sim) =>
        [.. (await server.EventsAsync(sim)).Skip(1).Select(Told)];

    public static string Told(JsonElement happened) =>
        happened.GetProperty("data").GetProperty("updated").TryGetProperty("status", out var status)
            ? status.GetString()!
            : happened.GetProperty("type").GetString()!;

    public static DateTimeOffset Time(JsonElement element, string name) => element.GetProperty(name).GetDateTimeOffset();

    /// <summary>A receiver that notes each callback with the time of the SIMs, and answers with a status.</summary>
    public static Task<Receiver> ListenAsync(this TestServer server, ConcurrentQueue<Heard> heard, int answer = 200) =>
        Receiver.StartAsync(async (_, context) =>
        {
            var form = context.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
            heard.Enqueue(new Heard(form["SimSid"], form["SimStatus"], form.GetValueOrDefault("ErrorCode"), await server.NowAsync()));
            context.Response.StatusCode = answer;
        });
}
