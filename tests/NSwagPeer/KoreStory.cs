using Clients.Kore;
using Clients.Operator;
using static Clients.Story;

namespace Clients;

internal static class KoreStory
{
    private const long GigaByte = 1_000_000_000;

    public static async Task TellAsync()
    {
        var (http, story) = Begin();
        var client = new KoreClient(http);
        var login = new TokenRequest { Client_id = "sandbox-client", Client_secret = "wrong" };
        Tell("login", await RefusedAsync(() => client.GetTokenAsync(login)));
        login.Client_secret = "sandbox-secret";
        var token = await client.GetTokenAsync(login);
        Tell("token", token.Token_type);
        LogIn(http, token.Access_token);

        var listed = await client.ListSimAsync(status: Kore.Status.New, pageSize: 2);
        Tell("sims", string.Join(',', listed.Sims.Select(item => item.Status)), listed.Meta.Page_size);
        var sim = await client.FetchSimAsync(listed.Sims.First().Sid);
        Tell("sim", sim.Status, sim.Iccid == listed.Sims.First().Iccid, sim.Rate_plan_sid ?? "none");
        var plan = await client.CreateRatePlanAsync(new RatePlanCreate { UniqueName = "story", DataLimit = 500 });
        Tell("plan", plan.Unique_name, plan.Data_enabled, plan.Data_limit, plan.Data_metering);
        Tell("plan", (await client.FetchRatePlanAsync("story")).Sid == plan.Sid);

        await client.UpdateSimAsync(sim.Sid, new SimUpdate { UniqueName = "tracker" });
        Tell("sent", story.Sent);
        await client.UpdateSimAsync(sim.Sid, new SimUpdate { CommandsCallbackMethod = Kore.HttpMethod.GET });
        Tell("sent", story.Sent);
        await client.UpdateSimAsync(sim.Sid, new SimUpdate { RatePlan = "story" });
        Tell("sent", story.Sent);
        var named = await client.FetchSimAsync("tracker");
        Tell("sim", named.Status, named.Unique_name, named.Commands_callback_method, named.Rate_plan_sid == plan.Sid);
        Tell("update", (await client.UpdateSimAsync(sim.Sid, new SimUpdate { Status = SimUpdateStatus.Active })).Status);
        Tell("sent", story.Sent);
        var active = await UntilAsync(() => client.FetchSimAsync(sim.Sid), now => now.Status == Kore.SimStatus.Active);
        Tell("sim", active.Status, active.Unique_name, active.Commands_callback_method, active.Rate_plan_sid == plan.Sid);

        var command = await client.CreateCommandAsync(new CommandCreate { Sim = "tracker", Command = "on" });
        var delivered = await UntilAsync(() => client.FetchCommandAsync(command.Sid), now => now.Status == CommandStatus.Delivered);
        Tell("command", delivered.Command1, delivered.Direction, delivered.Command_mode);
        await ReportAsync(sim.Sid);
        var usage = (await client.ListUsageRecordAsync(sim.Sid, granularity: Granularity2.All)).Usage_records.First();
        Tell("usage", usage.Data.Total, usage.Data.Home.Upload, usage.Commands.Total);
        var session = (await client.ListDataSessionAsync(sim.Sid)).Data_sessions.First();
        Tell("session", session.Packets_uploaded, session.Packets_downloaded);

        Tell("nobody", await RefusedAsync(() => client.FetchSimAsync("nobody")));
        Tell("new", await RefusedAsync(() => client.UpdateSimAsync(sim.Sid, new SimUpdate { Status = SimUpdateStatus.New })));
        Tell("remove", await RefusedAsync(() => GoneAsync(client.DeleteRatePlanAsync("story"))));
        Tell("secret", await RefusedAsync(() => client.ModifySecretAsync(new SecretUpdate { Name = "other" }, "no-such-secret")));
        await client.CreateRatePlanAsync(new RatePlanCreate { UniqueName = "other" });
        await client.DeleteRatePlanAsync("other");
        Tell("removed", await RefusedAsync(() => client.FetchRatePlanAsync("other")));
    }

    /// <summary>The network reports a session of more bytes than 32 bits count.</summary>
    private static async Task ReportAsync(string sim)
    {
        var (http, _) = Begin("skop_sandbox");
        var client = new OperatorClient(http);
        var now = (await client.GetClockAsync()).Now;
        await client.TakeUsageAsync([new ReportedUsage
        {
            Sim = sim, Session = "story", Start = now.AddMinutes(-5), At = now,
            UploadedBytes = 3 * GigaByte, DownloadedBytes = 4 * GigaByte,
        }]);
    }

    private static async Task<bool> GoneAsync(Task done)
    {
        await done;
        return true;
    }

    private static async Task<string> RefusedAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            await ask();
            return "done";
        }
        catch (Kore.ApiException<Error> refused)
        {
            return $"{refused.StatusCode} {refused.Result.GetType().Name} {refused.Result.Code}";
        }
        catch (Kore.ApiException<SecretError> refused)
        {
            return $"{refused.StatusCode} {refused.Result.GetType().Name} {refused.Result.Code}";
        }
        catch (Kore.ApiException<ClientError> refused)
        {
            return $"{refused.StatusCode} {refused.Result.GetType().Name} {refused.Result.Error}";
        }
    }
}
