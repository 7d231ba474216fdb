using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Commands;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>Brings the KORE dialect, KORE / Twilio Programmable Wireless: its HTTP, its callbacks, Monitor and webhook secrets.</summary>
internal sealed class KoreFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        to.Add(new KoreSettings(to.Settings, to.Http, to.Sandbox));
        to.Services.AddSingleton(KoreKey.Kind);
        to.Services.AddSingleton<KoreApi>();
        to.Services.AddSingleton<KoreSims>();
        to.Services.AddSingleton<KoreRatePlans>();
        to.Services.AddSingleton<KoreCommands>();
        to.Services.AddSingleton<KoreUsage>();
        to.Services.AddSingleton<KoreAccounts>();
        to.Services.AddSingleton<KoreApiKeys>();
        to.Services.AddSingleton<KoreSecrets>();
        to.Services.AddSingleton<KoreEvents>();
        to.Services.AddSingleton<KoreAlerts>();
        to.Services.AddSingleton<KoreTokens>();
        to.Services.AddSingleton<RotateKoreSecrets>();
        to.Services.AddSingleton<KoreFollower>();
        to.Services.AddSingleton<ISimFollower>(provider => provider.GetRequiredService<KoreFollower>());
        to.Services.AddSingleton<ICommandFollower>(provider => provider.GetRequiredService<KoreFollower>());
        to.Services.AddSingleton<IMessenger, KoreMessenger>();
        to.RemoveOld(MonitorSql.OldCopies, to.Get<SimSettings>().EventsPurge);
    }

    public void Map(WebApplication web)
    {
        var api = web.Services.GetRequiredService<KoreApi>();
        web.MapBranch("/v1", "kore", api.HandleAsync);
        web.MapBranch("/2010-04-01", "kore", api.HandleAsync);
        web.MapBranch("/api-services", "kore", web.Services.GetRequiredService<KoreTokens>().HandleAsync);
        var routes = web.Services.GetRequiredService<ApiRoutes>();
        routes.Add("kore", api.Routes.All.Select(route => (route.Method, route.Template)));
        routes.Add("kore", [("POST", KoreTokens.Path)]);
    }
}
