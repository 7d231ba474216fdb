using Clients.Operator;
using Clients.Operator.Models;
using Clients.Operator.Operator.V1.Sims;
using static Clients.KiotaClient;
using static Clients.Story;

namespace Clients;

internal static class OperatorStory
{
    public static async Task TellAsync()
    {
        Tell("errors", Errors(typeof(OperatorClient)));
        var (http, story) = Begin("skop_sandbox");
        var client = new OperatorClient(Adapter(http)).Operator.V1;

        var listed = (await client.Sims.GetAsync(request =>
            (request.QueryParameters.Status, request.QueryParameters.Limit) = (GetStatusQueryParameterType.New, 2)))!;
        Tell("sims", string.Join(',', listed.Items!.Select(item => item.Shown)), listed.Next is not null);
        var sim = (await client.Sims[listed.Items![0].Iccid!].GetAsync())!;
        Tell("sim", sim.Status, sim.Sid == listed.Items[0].Sid, sim.RatePlan ?? "none");
        var found = client.Sims[sim.Sid!];
        var plan = (await client.RatePlans.GetAsync())!.Items!.First(item => item.Account == sim.Account);
        Tell("plan", plan.DataEnabled, plan.DataLimitStrategy, plan.Narrowband);

        var account = (await client.Accounts.PostAsync(new NewAccount { Name = "Story", Project = "story" }))!;
        Tell("sent", story.Sent);
        Tell("account", account.Name, account.Project, account.Parent ?? "none", account.Status);
        var key = (await client.Accounts[account.Sid!].Keys.PostAsync(new NewAccountKey { Kind = NewAccountKey_kind.Gigs }))!;
        Tell("sent", story.Sent);
        Tell("key", key.Kind, key.Role, key.ExpiresAt.HasValue);

        var operation = (await found.Activate.PostAsync(new SimChange { RatePlan = plan.Sid }))!;
        Tell("operation", operation.Wanted, operation.Sim == sim.Sid);
        var ended = (await UntilAsync(() => client.Operations[operation.Id!].GetAsync(), now => now!.EndedAt is not null))!;
        Tell("operation", ended.State, ended.LastError ?? "none");
        var active = (await found.GetAsync())!;
        Tell("sim", active.Status, active.Shown, active.RatePlan == plan.Sid);
        await found.Suspend.PostAsync(new SimChange());
        active = (await UntilAsync(() => found.GetAsync(), now => now!.Status == Sim_status.Suspended))!;
        Tell("sim", active.Status, active.RatePlan == plan.Sid);

        Tell("nobody", await RefusedAsync(() => client.Sims["8900000000000000000"].GetAsync(), Code));
        var other = new NewAccount { Name = "Other", Project = "story" };
        Tell("taken", await RefusedAsync(() => client.Accounts.PostAsync(other), Code));
        other.Project = "Not a slug";
        Tell("wrong", await RefusedAsync(() => client.Accounts.PostAsync(other), Code));
    }

    private static object? Code(Exception refused) => $"{((Problem)refused).Code} {((Problem)refused).Field ?? "none"}";
}
