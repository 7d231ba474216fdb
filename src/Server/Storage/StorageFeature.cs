using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage.Copy;
using Simkeeper.Server.Storage.Postgres;
using Simkeeper.Server.Storage.Sqlite;

namespace Simkeeper.Server.Storage;

/// <summary>Opens the store, and reports in the health of the server if it is there.</summary>
internal sealed class StorageFeature : IFeature
{
    /// <summary>The time between two tries to reach PostgreSQL at the start.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    public void Add(FeatureServices to)
    {
        var settings = to.Add(new StorageSettings(to.Settings));
        Database? database = null;
        Signals? signals = null;
        IAsyncDisposable? starting = null;
        to.Services.AddSingleton(_ => FeatureServices.Opened(database));
        to.Services.AddSingleton(_ => FeatureServices.Opened(signals));
        to.Services.AddSingleton<BrokenRows>();
        to.Services.AddSingleton<InstallationWatch>();
        to.Run<InstallationWatch>(watch => watch.Start());
        to.Services.AddHealthChecks().AddCheck<StoreCheck>("store");
        to.Opening(async provider =>
        {
            var (wall, log) = (provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger>());
            if (settings.Database is { } connection)
            {
                var postgres = await OpenAsync(connection, settings.StartPatience, wall, log);
                (database, signals) = (to.Seams.Database(postgres), postgres.Signals());
            }
            else
            {
                (database, signals) = (to.Seams.Database(SqliteDatabase.Open(settings.Data, wall, log)), new Signals());
            }
            // Resolved now: the container disposes of services in reverse order of their creation, so these come last.
            _ = (provider.GetRequiredService<Database>(), provider.GetRequiredService<Signals>());
            starting = await database.EnterAsync(Section.Start);
            if (database.IsShared)
                await CopyStore.CheckAsync(database);
        });
        to.Opened(() => starting?.DisposeAsync().AsTask() ?? Task.CompletedTask);
    }

    /// <summary>Opens PostgreSQL. While it cannot be reached, it is tried again: it may be starting, like this server.</summary>
    private static async Task<PostgresDatabase> OpenAsync(string connection, TimeSpan patience, TimeProvider wall, ILogger log)
    {
        var since = wall.GetTimestamp();
        while (true)
        {
            try
            {
                return await PostgresDatabase.OpenAsync(connection, wall, () => log.LogInformation(
                    "Waiting: another server is starting on this database, or migrate-store is copying to it."));
            }
            catch (StartException e) when (e.IsAway && wall.GetElapsedTime(since) < patience)
            {
                log.LogWarning("{Why} It is tried again.", e.Message);
                await Task.Delay(Again, wall);
            }
        }
    }

    public void Map(WebApplication web)
    {
        var time = web.Services.GetRequiredService<StorageSettings>().RequestTime;
        web.Use((context, next) => Patience.RunAsync(context, next, time));
        var quiet = new HealthCheckOptions { ResponseWriter = static (_, _) => Task.CompletedTask, Predicate = static _ => false };
        web.MapHealthChecks("/health/live", quiet);
        web.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = quiet.ResponseWriter });
    }

    /// <summary>Asks the store for its first org, which it has once it is migrated and seeded, and if it takes writes.</summary>
    private sealed class StoreCheck(Database database, TimeProvider wall) : IHealthCheck
    {
        /// <summary>The time in which the store must answer; else the server is not ready.</summary>
        private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken stop)
        {
            try
            {
                return database.TakesWrites && await database.AnswersAsync().AsTask().WaitAsync(Wait, wall, stop)
                    ? HealthCheckResult.Healthy()
                    : HealthCheckResult.Unhealthy();
            }
            catch (Exception e) when (e is StoreAwayException or TimeoutException)
            {
                return HealthCheckResult.Unhealthy();
            }
        }
    }
}
