using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operations;

/// <summary>Brings the worker that carries operations to their carriers.</summary>
internal sealed class OperationsFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        to.Services.AddSingleton<OperationWorker>();
        to.Services.AddSingleton<IAccountFollower, SuspensionFollower>();
        to.RemoveOld(OperationSql.Old, to.Get<SimSettings>().OperationsKeep,
            [.. Enum.GetValues<OperationState>().Where(state => state != OperationState.Open).Select(state => state.ToWire())]);
        to.Worker<OperationWorker>(
            "operation", worker => worker.RunOperationAsync, worker => worker.FailedAsync, (worker, _) => worker.Sources,
            _ => OperationWorker.AtOnceMax);
        to.Opening(async provider =>
        {
            var worker = provider.GetRequiredService<OperationWorker>();
            await worker.ResumeAsync();
            provider.GetRequiredService<InstallationWatch>().Always(worker.GiveBackAsync);
        });
    }
}
