using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Clock;

/// <summary>Brings the SIM clock and the ids made by it; both continue from the store's state.</summary>
internal sealed class ClockFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        to.Services.AddSingleton(provider =>
        {
            var (database, wall) = (provider.GetRequiredService<Database>(), provider.GetRequiredService<TimeProvider>());
            return new SimClock(wall, to.Seams.Time is { } time ? () => time(database, wall) : () => database.Time(wall));
        });
        to.Services.AddSingleton<IdGenerator>();
        to.Opening(async provider =>
        {
            var database = provider.GetRequiredService<Database>();
            await StoredClock.RestoreAsync(database, provider.GetRequiredService<SimClock>(), to.Sandbox.Enabled);
            var ids = provider.GetRequiredService<IdGenerator>();
            await ids.RestoreAsync(database);
            provider.GetRequiredService<SimClock>().Seen(ids.Latest);
        });
    }
}
