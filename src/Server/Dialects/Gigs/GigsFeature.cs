using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Operator;
using Simkeeper.Server.Sims;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Brings the Gigs dialect: its HTTP, its webhooks and the QR codes of activation codes.</summary>
internal sealed class GigsFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        to.Add(new GigsSettings(to.Settings, to.Http));
        to.Services.AddSingleton(GigsKey.Kind);
        to.Services.AddSingleton<GigsApi>();
        to.Services.AddSingleton<GigsSims>();
        to.Services.AddSingleton<Idempotency>();
        to.Services.AddSingleton<IOldRows>(provider => provider.GetRequiredService<Idempotency>());
        to.Services.AddSingleton<Webhooks>();
        to.Services.AddSingleton<ISimFollower>(provider => provider.GetRequiredService<Webhooks>());
        to.Services.AddSingleton<IAccountFollower, EndpointsOfAccounts>();
        to.Services.AddSingleton<WebhookEndpoints>();
        to.Services.AddSingleton<IMessenger, GigsMessenger>();
        to.Services.AddSingleton<QrCodes>();
        to.Services.AddSingleton<IOperatorEndpoints, GigsOperatorEndpoints>();
        to.Services.AddSingleton<StatusWord>(status => status.Gigs().ToWire());
        to.Services.ConfigureHttpJsonOptions(json => OperatorJson.AddTo(json.SerializerOptions, GigsOperatorJson.Default));
    }

    public void Map(WebApplication web)
    {
        var api = web.Services.GetRequiredService<GigsApi>();
        var (qrCodes, secrets) = (web.Services.GetRequiredService<QrCodes>(), web.Services.GetRequiredService<Secrets>());
        web.MapBranch("/projects", "gigs", api.HandleAsync);
        web.MapBranch("/qrcode", null, context => qrCodes.HandleAsync(context, secrets));
        web.Services.GetRequiredService<ApiRoutes>().Add("gigs", api.Routes.All.Select(route => (route.Method, route.Template)));
    }
}
