using Clients.Kore;
using Clients.Kore.Models;
using Clients.Kore.V1.Sims;
using Clients.Kore.V1.Sims.Item.UsageRecords;
using Clients.Operator;
using Clients.Operator.Models;
using static Clients.KiotaClient;
using static Clients.Story;
using SimStatus = Clients.Kore.Models.SimStatus;

namespace Clients;

internal static class KoreStory
{
    private const long GigaByte = 1_000_000_000;

    public static async Task TellAsync()
    {
        Tell("errors", Errors(typeof(KoreClient)));
        var (http, story) = Begin();
        var client = new KoreClient(Adapter(http));
        var v1 = client.V1;
        var login = new TokenRequest
        {
            GrantType = TokenRequest_grant_type.Client_credentials,
            ClientId = "sandbox-client",
            ClientSecret = "wrong",
        };
        Tell("login", await RefusedAsync(() => client.ApiServices.V1.Auth.Token.PostAsync(login), Code));
        login.ClientSecret = "sandbox-secret";
        var token = (await client.ApiServices.V1.Auth.Token.PostAsync(login))!;
        Tell("token", token.TokenType);
        LogIn(http, token.AccessTokenProp!);

        var listed = (await v1.Sims.GetAsync(request =>
            (request.QueryParameters.Status, request.QueryParameters.PageSize) = (GetStatusQueryParameterType.New, 2)))!;
        Tell("sims", string.Join(',', listed.Sims!.Select(item => item.Status)), listed.Meta!.PageSize);
        var found = v1.Sims[listed.Sims![0].Sid!];
        var sim = (await found.GetAsync())!;
        Tell("sim", sim.Status, sim.Iccid == listed.Sims[0].Iccid, sim.RatePlanSid ?? "none");
        var plan = (await v1.RatePlans.PostAsync(new RatePlanCreate { UniqueName = "story", DataLimit = 500 }))!;
        Tell("plan", plan.UniqueName, plan.DataEnabled, plan.DataLimit, plan.DataMetering);
        Tell("plan", (await v1.RatePlans["story"].GetAsync())!.Sid == plan.Sid);

        await found.PostAsync(new SimUpdate { UniqueName = "tracker" });
        Tell("sent", story.Sent);
        await found.PostAsync(new SimUpdate { CommandsCallbackMethod = Kore.Models.HttpMethod.GET });
        Tell("sent", story.Sent);
        await found.PostAsync(new SimUpdate { RatePlan = "story" });
        Tell("sent", story.Sent);
        var named = (await v1.Sims["tracker"].GetAsync())!;
        Tell("sim", named.Status, named.UniqueName, named.CommandsCallbackMethod, named.RatePlanSid == plan.Sid);
        Tell("update", (await found.PostAsync(new SimUpdate { Status = SimUpdate_Status.Active }))!.Status);
        Tell("sent", story.Sent);
        var active = (await UntilAsync(() => found.GetAsync(), now => now!.Status == SimStatus.Active))!;
        Tell("sim", active.Status, active.UniqueName, active.CommandsCallbackMethod, active.RatePlanSid == plan.Sid);

        var command = (await v1.Commands.PostAsync(new CommandCreate { Sim = "tracker", Command = "on" }))!;
        var delivered = (await UntilAsync(
            () => v1.Commands[command.Sid!].GetAsync(), now => now!.Status == Command_status.Delivered))!;
        Tell("command", delivered.CommandProp, delivered.Direction, delivered.CommandMode);
        await ReportAsync(sim.Sid!);
        var usage = (await found.UsageRecords.GetAsync(
            request => request.QueryParameters.Granularity = GetGranularityQueryParameterType.All))!.UsageRecords![0];
        Tell("usage", usage.Data!.Total, usage.Data.Home!.Upload, usage.Commands!.Total);
        var session = (await found.DataSessions.GetAsync())!.DataSessions![0];
        Tell("session", session.PacketsUploaded, session.PacketsDownloaded);

        Tell("nobody", await RefusedAsync(() => v1.Sims["nobody"].GetAsync(), Code));
        Tell("new", await RefusedAsync(() => found.PostAsync(new SimUpdate { Status = SimUpdate_Status.New }), Code));
        Tell("remove", await RefusedAsync(() => v1.RatePlans["story"].DeleteAsync(), Code));
        Tell("secret", await RefusedAsync(() => v1.Secrets["no-such-secret"].PatchAsync(new SecretUpdate { Name = "other" }), Code));
        await v1.RatePlans.PostAsync(new RatePlanCreate { UniqueName = "other" });
        await v1.RatePlans["other"].DeleteAsync();
        Tell("removed", await RefusedAsync(() => v1.RatePlans["other"].GetAsync(), Code));
    }

    /// <summary>The network reports a session of more bytes than 32 bits count.</summary>
    private static async Task ReportAsync(string sim)
    {
        var (http, _) = Begin("skop_sandbox");
        var client = new OperatorClient(Adapter(http));
        var now = (await client.Operator.V1.Clock.GetAsync())!.Now!.Value;
        await client.Operator.V1.Usage.PostAsync([new ReportedUsage
        {
            Sim = sim, Session = "story", Start = now.AddMinutes(-5), At = now,
            UploadedBytes = 3 * GigaByte, DownloadedBytes = 4 * GigaByte,
        }]);
    }

    private static object? Code(Exception refused) => refused switch
    {
        ClientError error => error.Error,
        SecretError error => error.Code,
        _ => ((Error)refused).Code,
    };
}
