using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;

namespace Simkeeper.Server.Usage;

/// <summary>Brings the door for usage and the worker of data limits.</summary>
internal sealed class UsageFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        var settings = to.Add(new UsageSettings(to.Settings));
        to.Services.AddSingleton<TakeUsage>();
        to.Services.AddSingleton<ISimFollower, DataPeriodFollower>();
        to.Services.AddSingleton<IOldRows, OldUsage>();
        to.RemoveOld(OldUsageSql.Moves, settings.Retention);
        to.Services.AddSingleton<DataLimitWorker>();
        to.Worker<DataLimitWorker>("data limit", worker => worker.RunAsync, _ => static (_, _) => Task.FromResult(false),
            (_, jobs) => [BudgetSource.Free(jobs, Lane.DataLimits)], _ => DataLimitWorker.AtOnceMax);
    }
}
