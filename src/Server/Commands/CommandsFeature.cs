using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;

namespace Simkeeper.Server.Commands;

/// <summary>Brings Commands in both directions.</summary>
internal sealed class CommandsFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        to.Add(new CommandSettings(to.Settings));
        to.Services.AddSingleton<AcceptCommand>();
        to.Services.AddSingleton<CommandWorker>();
        to.Worker<CommandWorker>("command", worker => worker.RunAsync, worker => worker.FailedAsync,
            (worker, _) => worker.Sources, _ => CommandWorker.AtOnceMax);
    }
}
