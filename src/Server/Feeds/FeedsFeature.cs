using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Feeds;

/// <summary>Connects the carriers, and takes the messages that networks send by themselves.</summary>
internal sealed class FeedsFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        to.Services.AddSingleton<ICarrierEvents, CarrierEvents>();
        to.Opening(provider =>
        {
            provider.GetRequiredService<CarrierList>().Start(provider.GetRequiredService<ICarrierEvents>());
            return Task.CompletedTask;
        });
    }
}
