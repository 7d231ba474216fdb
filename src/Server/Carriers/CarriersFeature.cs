using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Carriers.Test;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Carriers;

/// <summary>Brings the carriers, their limits and a sandbox's faults.</summary>
internal sealed class CarriersFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        var settings = to.Add(new CarrierSettings(to.Settings));
        to.Services.AddSingleton<Faults>();
        to.Services.AddSingleton(provider => new CarrierList(settings,
            id => to.Seams.Carrier(new TestCarrier(
                id, settings.Delay(id), provider.GetRequiredService<Faults>(), provider.GetRequiredService<Database>())),
            provider.GetRequiredService<Signals>()));
        to.Opening(async provider =>
        {
            var (faults, carriers) = (provider.GetRequiredService<Faults>(), provider.GetRequiredService<CarrierList>());
            var database = provider.GetRequiredService<Database>();
            await faults.LoadAsync();
            await carriers.LoadLimitsAsync(database);
            var watch = provider.GetRequiredService<InstallationWatch>();
            watch.On(Faults.Name, faults.LoadAsync);
            watch.On(CarrierList.LimitsOf, () => carriers.LoadLimitsAsync(database));
        });
    }
}
