using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Jobs;

/// <summary>Brings the durable queue, its workers, and the moving of the clock, which waits for the workers.</summary>
internal sealed class JobsFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        var settings = to.Add(new JobSettings(to.Settings));
        to.Services.AddSingleton(new Chance(RandomNumberGenerator.GetInt32(int.MaxValue)));
        to.Services.AddSingleton<JobQueue>();
        to.Services.AddSingleton<FailedJobs>();
        to.Services.AddSingleton<MoveClock>();
        to.Services.AddSingleton<ClockWatch>();
        to.Run<ClockWatch>(watch => watch.Start());
        to.Services.AddSingleton<Retention>();
        to.Run<Retention>(retention => retention.Start());
        to.Opening(async provider =>
        {
            var jobs = provider.GetRequiredService<JobQueue>();
            provider.GetRequiredService<Signals>().Heard += jobs.Heard;
            if (!provider.GetRequiredService<Database>().IsShared)
                await jobs.VoidLeasesAsync();
        });
        to.Opening(provider =>
        {
            provider.GetRequiredService<InstallationWatch>().On(
                StoredClock.Name, () => provider.GetRequiredService<MoveClock>().TakeUpAsync());
            return Task.CompletedTask;
        });
        if (to.Telemetry.OtlpEndpoint is not null)
        {
            to.Services.AddSingleton<QueueGauges>();
            to.Run<QueueGauges>(_ => { });
            to.Services.AddSingleton<KeptGauges>();
            to.Run<KeptGauges>(_ => { });
        }
        to.Services.AddSingleton<IHostedService>(provider => new Workers([.. provider.GetServices<WorkerLoop>()], settings));
    }

    /// <summary>Starts every worker with the server, and lets each end its work when the server stops.</summary>
    private sealed class Workers(IReadOnlyList<WorkerLoop> loops, JobSettings settings) : IHostedService
    {
        public Task StartAsync(CancellationToken stop)
        {
            foreach (var loop in loops)
                loop.Start(settings.Works);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken stop) => Task.CompletedTask;
    }
}

/// <summary>Registers workers, and what is removed when it is old.</summary>
internal static class WorkerRegistration
{
    /// <summary>Removes the rows of a table when they are old.</summary>
    /// <param name="keep">The time for which they are kept, by the clock of SIMs; null: for ever.</param>
    /// <param name="states">The states of rows that have ended; empty: any row may go.</param>
    /// <param name="along">Removes what belongs to the rows that are gone.</param>
    public static void RemoveOld(this FeatureServices to, OldRowsSql sql, TimeSpan? keep, string[]? states = null, Sql? along = null)
    {
        if (keep is { } time)
        {
            to.Services.AddSingleton<IOldRows>(provider =>
                new OldRows(sql, provider.GetRequiredService<SimClock>(), time, states ?? [], along));
        }
    }

    /// <summary>Adds a worker that runs jobs.</summary>
    /// <param name="name">The worker's name in the log.</param>
    /// <param name="run">Runs one claimed job.</param>
    /// <param name="failed">
    /// Records a failed attempt with its reason, so that the job's subject ends as it would after other failures. False: it cannot; then
    /// the job waits.
    /// </param>
    /// <param name="sources">The sources of its jobs, in the order in which they are looked at.</param>
    /// <param name="atOnceMax">The most jobs under way at once.</param>
    public static void Worker<T>(
        this FeatureServices to, string name, Func<T, Func<Job, CancellationToken, Task>> run,
        Func<T, Func<Job, string, Task<bool>>> failed, Func<T, JobQueue, IReadOnlyList<IJobSource>> sources,
        Func<Database, int> atOnceMax) where T : class =>
        to.Services.AddSingleton(provider =>
        {
            var (part, jobs) = (provider.GetRequiredService<T>(), provider.GetRequiredService<JobQueue>());
            var (failures, record) = (provider.GetRequiredService<FailedJobs>(), failed(part));
            return new WorkerLoop(name, jobs, provider.GetRequiredService<SimClock>(), sources(part, jobs),
                atOnceMax(provider.GetRequiredService<Database>()), run(part), (job, e) => failures.NoteAsync(job, e, record),
                provider.GetRequiredService<ILogger>());
        });
}
