using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims.Import;

namespace Simkeeper.Server.Sims;

/// <summary>Brings the inventory: changes, lists, imports, rate plans and the automatic moves.</summary>
internal sealed class SimsFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        var settings = to.Add(new SimSettings(to.Settings));
        to.Services.AddSingleton(settings.Rules);
        to.Services.AddSingleton<SimFollowers>();
        to.Services.AddSingleton<ChangeSim>();
        to.Services.AddSingleton<NamedSim>();
        to.Services.AddSingleton<ImportSims>();
        to.Services.AddSingleton<RatePlans>();
        to.Services.AddSingleton<ISandboxSeed, DemoSims>();
        to.RemoveOld(EventSql.Old, settings.EventsPurge);
        to.Services.AddSingleton<SimTimers>();
        to.Services.AddSingleton<ITimers>(provider => provider.GetRequiredService<SimTimers>());
        to.Worker<SimTimers>("timer", timers => timers.RunAsync, _ => static (_, _) => Task.FromResult(false),
            (_, jobs) => [BudgetSource.Free(jobs, Lane.Timers)],
            database => database.IsShared ? SimTimers.AtOnceOnConnectionsMax : SimTimers.AtOnceMax);
    }
}
