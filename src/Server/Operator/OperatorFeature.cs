using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>Brings the operator API.</summary>
internal sealed class OperatorFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        to.Services.AddSingleton<OperatorApi>();
        to.Services.AddSingleton<OperatorAccounts>();
        to.Services.AddSingleton<OperatorSims>();
        to.Services.AddSingleton<OperatorOperations>();
        to.Services.AddSingleton<OperatorCarriers>();
        to.Services.AddSingleton<OperatorEvents>();
        to.Services.AddSingleton<OperatorWebhooks>();
        to.Services.AddSingleton<OperatorDeliveries>();
        to.Services.AddSingleton<OperatorStream>();
        to.Services.AddSingleton<OperatorCommands>();
        to.Services.AddSingleton<OperatorUsage>();
        to.Services.AddSingleton<OperatorClock>();
    }

    public void Map(WebApplication web)
    {
        var api = web.Services.GetRequiredService<OperatorApi>();
        web.MapBranch("/operator", "operator", api.HandleAsync);
        web.Services.GetRequiredService<ApiRoutes>().Add("operator", api.Routes.All.Select(route => (route.Method, route.Template)));
    }
}
