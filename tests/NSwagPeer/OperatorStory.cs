using Clients.Operator;
using static Clients.Story;

namespace Clients;

internal static class OperatorStory
{
    public static async Task TellAsync()
    {
        var (http, story) = Begin("skop_sandbox");
        var client = new OperatorClient(http);

        var listed = await client.ListSimsAsync(status: Status.New, limit: 2);
        Tell("sims", string.Join(',', listed.Items.Select(item => item.Shown)), listed.Next is not null);
        var sim = await client.GetSimAsync(listed.Items.First().Iccid);
        Tell("sim", sim.Status, sim.Sid == listed.Items.First().Sid, sim.RatePlan ?? "none");
        var plan = (await client.ListRatePlansAsync()).Items.First(item => item.Account == sim.Account);
        Tell("plan", plan.DataEnabled, plan.DataLimitStrategy, plan.Narrowband);

        var account = await client.CreateAccountAsync(new NewAccount { Name = "Story", Project = "story" });
        Tell("sent", story.Sent);
        Tell("account", account.Name, account.Project, account.Parent ?? "none", account.Status);
        var key = await client.CreateAccountKeyAsync(account.Sid, new NewAccountKey { Kind = NewAccountKeyKind.Gigs });
        Tell("sent", story.Sent);
        Tell("key", key.Kind, key.Role, key.ExpiresAt.HasValue);

        var operation = await client.ActivateSimAsync(sim.Sid, new SimChange { RatePlan = plan.Sid });
        Tell("operation", operation.Wanted, operation.Sim == sim.Sid);
        var ended = await UntilAsync(() => client.GetOperationAsync(operation.Id), now => now.EndedAt is not null);
        Tell("operation", ended.State, ended.LastError ?? "none");
        var active = await client.GetSimAsync(sim.Sid);
        Tell("sim", active.Status, active.Shown, active.RatePlan == plan.Sid);
        await client.SuspendSimAsync(sim.Sid);
        active = await UntilAsync(() => client.GetSimAsync(sim.Sid), now => now.Status == SimStatus.Suspended);
        Tell("sim", active.Status, active.RatePlan == plan.Sid);

        Tell("nobody", await RefusedAsync(() => client.GetSimAsync("8900000000000000000")));
        Tell("taken", await RefusedAsync(() => client.CreateAccountAsync(new NewAccount { Name = "Other", Project = "story" })));
        Tell("wrong", await RefusedAsync(() => client.CreateAccountAsync(new NewAccount { Name = "Other", Project = "Not a slug" })));
    }

    private static async Task<string> RefusedAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            await ask();
            return "done";
        }
        catch (ApiException<Problem> refused)
        {
            return $"{refused.StatusCode} {refused.Result.GetType().Name} {refused.Result.Code} {refused.Result.Field ?? "none"}";
        }
    }
}
