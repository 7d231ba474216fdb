using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Carriers;

/// <summary>Brings the carriers, their limits and a sandbox's faults.</summary>
internal sealed class CarriersFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        var settings = to.Add(new CarrierSettings(to.Settings, to.Get<JobSettings>().Lease));
        to.Services.AddSingleton<Faults>();
        to.Services.AddSingleton(provider => new CarrierList(settings,
            new CarrierParts(provider.GetRequiredService<Database>(), provider.GetRequiredService<TimeProvider>()),
            to.Sandbox.Enabled ? provider.GetRequiredService<Faults>() : null, to.Seams.Carrier,
            provider.GetRequiredService<SimClock>(), provider.GetRequiredService<Signals>(), provider.GetRequiredService<ILogger>()));
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
