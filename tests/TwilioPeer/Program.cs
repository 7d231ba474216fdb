// Twilio's SDK for .NET, with nothing changed: it reaches the server by HTTPS_PROXY. What it sees is printed, in the words of
// tests/Server.Tests/Peers/proxied-twilio.mjs.
using Twilio;
using Twilio.Exceptions;
using Twilio.Rest.Api.V2010;
using Twilio.Rest.Monitor.V1;
using Twilio.Rest.Wireless.V1;
using Twilio.Rest.Wireless.V1.Sim;
using UsageRecordResource = Twilio.Rest.Wireless.V1.Sim.UsageRecordResource;

const string Account = "AC00000000000000000000000000000001";
TwilioClient.Init(Account, "sandbox-token-000000000000000001");

var listed = (await SimResource.ReadAsync(status: SimResource.StatusEnum.New, pageSize: 1, limit: 3)).ToList();
Tell("sims", string.Join(',', listed.Select(sim => sim.Status)));
var sim = await SimResource.FetchAsync(listed[0].Sid);
Tell("sim", sim.Status, sim.RatePlanSid, sim.Iccid == listed[0].Iccid);
var plan = await RatePlanResource.CreateAsync(uniqueName: "story", dataEnabled: true, dataLimit: 500, dataMetering: "payg");
Tell("plan", plan.UniqueName, plan.DataEnabled, plan.DataLimit, (await RatePlanResource.FetchAsync("story")).Sid == plan.Sid);
var updated = await SimResource.UpdateAsync(sim.Sid, uniqueName: "story sim", status: SimResource.StatusEnum.Active, ratePlan: "story");
Tell("update", updated.UniqueName);
var active = await UntilAsync(() => SimResource.FetchAsync("story sim"), now => now.Status == SimResource.StatusEnum.Active);
Tell("sim", active.Status, active.RatePlanSid == plan.Sid);
var command = await CommandResource.CreateAsync("on", sim: sim.Sid);
var delivered = await UntilAsync(
    () => CommandResource.FetchAsync(command.Sid), now => now.Status == CommandResource.StatusEnum.Delivered);
Tell("command", delivered.Command, delivered.Direction, delivered.Status);
Tell("commands", (await CommandResource.ReadAsync(sim: sim.Sid)).Count());
var usage = (await UsageRecordResource.ReadAsync(sim.Sid)).First();
Tell("usage", Total(usage.Commands), Total(usage.Data));
Tell("sessions", (await DataSessionResource.ReadAsync(sim.Sid)).Count());
var events = (await EventResource.ReadAsync(resourceSid: sim.Sid, pageSize: 1)).ToList();
var latest = await EventResource.FetchAsync(events[0].Sid);
Tell("events", string.Join(',', events.Select(told => told.EventType)), latest.ResourceSid == sim.Sid);
Tell("remove", await RefusedAsync(() => RatePlanResource.DeleteAsync(plan.Sid)));
var other = await RatePlanResource.CreateAsync(uniqueName: "other");
Tell("remove", await RatePlanResource.DeleteAsync(other.Sid), await RefusedAsync(() => RatePlanResource.FetchAsync("other")));
var account = await AccountResource.FetchAsync(Account);
Tell("account", account.Type, account.Status);

static void Tell(params object?[] words) =>
    Console.WriteLine(string.Join(' ', words.Select(word => word is bool truth ? (truth ? "true" : "false") : word)));

static string Total(object counted) => ((Newtonsoft.Json.Linq.JObject)counted)["total"]!.ToString();

static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> satisfied)
{
    using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
    while (true)
    {
        var answer = await ask();
        if (satisfied(answer))
            return answer;
        await Task.Delay(100, deadline.Token);
    }
}

static async Task<string> RefusedAsync<T>(Func<Task<T>> ask)
{
    try
    {
        await ask();
        return "done";
    }
    catch (ApiException refused)
    {
        return $"{refused.Status} {refused.Code}";
    }
}
