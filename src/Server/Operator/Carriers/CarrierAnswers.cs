using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Makes the answers about carriers, with what waits for each.</summary>
internal sealed class CarrierAnswers(Database database, TimeProvider wall)
{
    public async Task<CarrierAnswerRecord> OfAsync(Carrier carrier)
    {
        var (queued, oldest) = await QueuedAsync(carrier.Id);
        var (health, state, limits) = (carrier.Adapter.Health, carrier.Governor.State, carrier.Governor.Limits);
        return new()
        {
            Id = carrier.Id,
            Kind = carrier.Adapter.Kind,
            State = state.AwaySince is null ? "up" : "away",
            AwaySince = state.AwaySince,
            Capabilities = [.. carrier.Adapter.Capabilities.ToWire()],
            Connected = health.Connected,
            Since = health.Since,
            LastError = health.LastError,
            Limits = new() { CallsPerSecond = limits.CallsPerSecond, InFlight = limits.InFlight },
            InFlight = state.InFlight,
            Queued = queued,
            OldestWaiting = oldest,
        };
    }

    /// <summary>Counts, org by org, what waits to be sent to a carrier, and finds when the oldest of it was asked for.</summary>
    private ValueTask<(long Count, DateTimeOffset? Oldest)> QueuedAsync(string carrier) => database.ReadAsync(async session =>
    {
        var (orgs, waiting) = (await AcrossOrgs.OrgsAsync(session), new List<(long Count, Guid? Oldest)>());
        foreach (var lane in new[] { Lane.Urgent, Lane.Operations, Lane.Commands })
        {
            waiting.AddRange(await session.ListEachAsync(CarrierQueueSql.Waiting, orgs, (_, row) => (row.Number(0), row.IdOrNull(1)),
                (long)lane, carrier, wall.GetUtcNow(), CarrierQueueSql.CountedMax));
        }
        var oldest = waiting.Min(lane => lane.Oldest);
        return (waiting.Sum(lane => lane.Count), oldest is { } id ? Ids.CreatedAt(id) : (DateTimeOffset?)null);
    });
}
