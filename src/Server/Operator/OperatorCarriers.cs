using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Carriers: what each can do, its limits, and how it is.</summary>
internal sealed class OperatorCarriers(Database database, CarrierList carriers, TimeProvider wall, HttpSettings settings)
{
    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        _ = new OperatorQuery(context.Request);
        var items = new List<(Carrier, Queued)>();
        foreach (var id in carriers.Ids)
            items.Add((carriers[id], await QueuedAsync(id)));
        await JsonAnswer.WriteAsync(context.Response, 200, items, static (json, items) =>
        {
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (var item in items)
                Write(json, item);
            json.WriteEndArray();
            json.WriteNull("next");
            json.WriteEndObject();
        });
    }

    /// <summary>Sets limits; those left out stay.</summary>
    public async Task UpdateAsync(HttpContext context, Caller caller, string[] path)
    {
        var id = path[0];
        if (!carriers.Has(id))
            throw new ProblemException(Problem.NotFound("The carrier"));
        var body = await OperatorBody.ReadAsync(context.Request, settings, "callsPerSecond", "inFlight");
        var now = carriers[id].Governor.Limits;
        var limits = new CarrierLimits(
            body.Number("callsPerSecond", 0, CarrierLimits.CallsPerSecondMax) ?? now.CallsPerSecond,
            body.Number("inFlight", 1, CarrierLimits.InFlightMax) ?? now.InFlight);
        await carriers.SetLimitsAsync(database, id, limits);
        await JsonAnswer.WriteAsync(context.Response, 200, (carriers[id], await QueuedAsync(id)), Write);
    }

    /// <summary>Counts, org by org, what waits to be sent to a carrier.</summary>
    private ValueTask<Queued> QueuedAsync(string carrier) => database.ReadAsync(async session =>
    {
        var (orgs, waiting) = (await AcrossOrgs.OrgsAsync(session), new List<(long Count, Guid? Oldest)>());
        foreach (var lane in new[] { Lane.Urgent, Lane.Operations, Lane.Commands })
        {
            waiting.AddRange(await session.ListEachAsync(CarrierQueueSql.Waiting, orgs, (_, row) => (row.Number(0), row.IdOrNull(1)),
                (long)lane, carrier, wall.GetUtcNow(), CarrierQueueSql.CountedMax));
        }
        var oldest = waiting.Min(lane => lane.Oldest);
        return new Queued(waiting.Sum(lane => lane.Count), oldest is { } id ? Ids.CreatedAt(id) : null);
    });

    private static void Write(Utf8JsonWriter json, (Carrier Carrier, Queued Queued) item)
    {
        var (adapter, governor) = (item.Carrier.Adapter, item.Carrier.Governor);
        var (health, state, limits) = (adapter.Health, governor.State, governor.Limits);
        json.WriteStartObject();
        json.WriteString("id", item.Carrier.Id);
        json.WriteString("kind", adapter.Kind);
        json.WriteString("state", state.AwaySince is null ? "up" : "away");
        json.WriteString("awaySince", Time(state.AwaySince));
        json.WriteStartArray("capabilities");
        foreach (var word in adapter.Capabilities.ToWire())
            json.WriteStringValue(word);
        json.WriteEndArray();
        json.WriteBoolean("connected", health.Connected);
        json.WriteString("since", Time(health.Since));
        json.WriteString("lastError", health.LastError);
        json.WriteStartObject("limits");
        json.WriteNumber("callsPerSecond", limits.CallsPerSecond);
        json.WriteNumber("inFlight", limits.InFlight);
        json.WriteEndObject();
        json.WriteNumber("inFlight", state.InFlight);
        json.WriteNumber("queued", item.Queued.Count);
        json.WriteString("oldestWaiting", Time(item.Queued.Oldest));
        json.WriteEndObject();
    }

    private static string? Time(DateTimeOffset? time) => time is { } given ? JsonAnswer.Milliseconds(given) : null;

    /// <summary>Changes and Commands that wait to be sent.</summary>
    /// <param name="Oldest">When the oldest of them was asked for, SIM clock; null: none waits.</param>
    private readonly record struct Queued(long Count, DateTimeOffset? Oldest);
}
