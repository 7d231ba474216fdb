using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;

namespace Simkeeper.Server.Deliveries;

/// <summary>Brings the sending of messages, and the removal of those that ended long ago.</summary>
internal sealed class DeliveriesFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        var settings = to.Add(new DeliverySettings(to.Settings, to.Sandbox));
        to.Services.AddSingleton(to.Seams);
        to.Services.AddSingleton(new ReceiverConnections(settings.ConnectionsMax));
        to.Services.AddSingleton(provider => new NameLookups(
            to.Seams.Resolve, settings.ConnectTimeout * NameLookups.PartOfConnect, provider.GetRequiredService<TimeProvider>()));
        to.Services.AddSingleton<OpenedSecrets>();
        to.Services.AddSingleton<SealedUrls>();
        to.Services.AddSingleton<Messengers>();
        to.Services.AddSingleton<Receivers>();
        to.Services.AddSingleton<DeliveryFeed>();
        to.Services.AddSingleton<AttemptRecords>();
        to.Services.AddSingleton<DeliveryWorker>();
        to.RemoveOld(DeliverySql.Old, settings.Keep, [DeliveryState.Delivered.ToWire(), DeliveryState.Dead.ToWire()],
            DeliverySql.RemoveAttempts);
        to.Services.AddSingleton<Redelivery>();
        to.Worker<DeliveryWorker>("delivery", worker => worker.RunAsync, worker => worker.FailedAsync,
            (worker, _) => [worker.Receivers], _ => Receivers.AtOnceMax);
        if (to.Telemetry.OtlpEndpoint is not null)
        {
            to.Services.AddSingleton<OutgoingGauges>();
            to.Run<OutgoingGauges>(_ => { });
        }
        to.Opening(provider =>
        {
            var feed = provider.GetRequiredService<DeliveryFeed>();
            provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(feed.Stop);
            return Task.CompletedTask;
        });
    }
}
