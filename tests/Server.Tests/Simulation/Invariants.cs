using System.Globalization;
using System.Text.Json.Nodes;
using Simkeeper.Core;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Tests.Simulation;

/// <summary>Invariants that hold at the end of every story. Written from the contract, not from the server's rules.</summary>
internal sealed class Invariants(Simulation simulation)
{
    /// <summary>Attempts after which a delivery is given up.</summary>
    private const int AttemptsMax = 8;

    /// <summary>Times of events are those of their ids, which run ahead of a clock that stands still.</summary>
    private static readonly TimeSpan IdsAhead = TimeSpan.FromSeconds(1);

    /// <summary>Three months that begin earlier, since the clock was set back, can be shorter by as much.</summary>
    private static readonly TimeSpan MonthsDiffer = TimeSpan.FromDays(3);

    private static readonly Sql Events = new(
        "select id, sim_id, type, actor_kind, operation_id, data from events where org_id = @org_id order by id");

    private static readonly Sql Operations = new(
        "select id, sim_id, kind, wanted, state, callback_url from operations where org_id = @org_id");

    private static readonly Sql Deliveries = new(
        "select id, sim_id, url, state, attempts from deliveries where org_id = @org_id order by id");
    private static readonly Sql Attempts = new(
        "select delivery_id, number, status from attempts where org_id = @org_id order by delivery_id, number");
    private static readonly Sql Counted = new("select id, commands from sims where org_id = @org_id");
    private static readonly Sql Jobs = new("select kind, set_at, due_at from jobs where org_id = @org_id");
    private static readonly Guid Org = Guid.ParseExact(1.ToString("x32", CultureInfo.InvariantCulture), "N");

    /// <summary>Fields of an event under the name that the operator's answer has for them.</summary>
    private static readonly string[] Replayed =
    [
        "account", "iccid", "imsi", "msisdn", "eid", "type", "provider", "uniqueName", "friendlyName", "status", "ratePlan", "user",
        "ipAddress", "metadata", "smdpAddress",
    ];

    private List<Event> _events = [];
    private List<Operation> _operations = [];
    private List<Delivery> _deliveries = [];
    private ILookup<Guid, (int Number, int? Status)> _attempts = null!;

    public async Task CheckAsync()
    {
        List<string> jobs = [];
        await simulation.Store.ReadAsync(async session =>
        {
            _events = await session.ListAsync(Events, row => new Event(row.Id(0), row.Id(1), row.Text(2), row.Text(3), row.IdOrNull(4),
                JsonNode.Parse(row.Text(5))!.AsObject()), Org);
            _operations = await session.ListAsync(Operations, row => new Operation(row.Id(0), row.Id(1), row.Text(2), row.TextOrNull(3),
                row.Text(4), row.TextOrNull(5)), Org);
            _deliveries = await session.ListAsync(Deliveries, row => new Delivery(row.Id(0), row.Id(1), new Uri(row.Text(2)).AbsolutePath,
                row.Text(3), (int)row.Number(4)), Org);
            _attempts = (await session.ListAsync(Attempts, row => (row.Id(0), (int)row.Number(1), (int?)row.NumberOrNull(2)), Org))
                .ToLookup(row => row.Item1, row => (row.Item2, row.Item3));
            jobs = await session.ListAsync(Jobs, row => $"{row.Text(0)} put at {row.Time(1):O}, due at {row.Time(2):O}", Org);
            return true;
        });
        var counted = await simulation.Store.ReadAsync(session => session.ListAsync(Counted, row => (row.Id(0), row.Number(1)), Org));
        var now = (await simulation.SendAsync("GET", "/operator/v1/clock", Simulation.Operator)).Text;
        if (jobs.Count > 0)
            simulation.Violate($"Jobs are left when nothing is to be done: {string.Join("; ", jobs)}. The clock shows {now}.");
        CheckOperations();
        CheckValues();
        CheckDeliveries();
        CheckCallbacks();
        CheckCommands(counted);
        await CheckHistoryAsync();
        await simulation.Calls.CompareAsync();
    }

    /// <summary>
    /// Every accepted operation has ended, its end is exactly one event, and whoever asked for a callback has a delivery.
    /// </summary>
    private void CheckOperations()
    {
        var events = _events.ToLookup(happened => happened.OperationId);
        foreach (var operation in _operations)
        {
            var ends = operation.State switch
            {
                "done" when operation.Kind == "reset" => events[operation.Id].Count(happened => happened.Type == "sim.reset"),
                "done" => events[operation.Id].Count(happened => (string?)happened.Data["updated"]!["status"] == operation.Wanted),
                var state => events[operation.Id].Count(happened => happened.Type == $"operation.{state}"),
            };
            // The request that opened it may have changed something else at once.
            if (ends != 1 || events[operation.Id].Count() > 2)
                simulation.Violate(
                    $"Operation {operation.Id} is {operation.State}; its end is {ends} events of {events[operation.Id].Count()}.");
            if (operation.Callback is { } url && _deliveries.All(delivery => delivery.Path != new Uri(url).AbsolutePath))
                simulation.Violate($"Operation {operation.Id} is {operation.State}; nobody called {url}.");
        }
    }

    /// <summary>Every change that a caller was told of is in exactly one event; one that was refused is in none.</summary>
    private void CheckValues()
    {
        foreach (var value in simulation.Calls.Values)
        {
            var events = _events.Count(happened => Gives(happened, value));
            if (value.Outcome switch { Outcome.Accepted => events != 1, Outcome.Refused => events != 0, _ => events > 1 })
                simulation.Violate($"The {value.Field} {value.Value} of {value.Sim} was {value.Outcome}; it is in {events} events.");
        }
    }

    private static bool Gives(Event happened, GivenValue value)
    {
        bool In(string side) => happened.Data[side]![value.Field] switch
        {
            JsonObject map => map.Any(pair => (string?)pair.Value == value.Value),
            JsonValue text => (string?)text == value.Value,
            _ => false,
        };
        return In("updated") && !In("previous");
    }

    /// <summary>Every delivery has ended: with a success that the receiver gave, or after all its attempts.</summary>
    private void CheckDeliveries()
    {
        var calls = simulation.Receivers.Calls.ToLookup(call => call.Delivery);
        foreach (var delivery in _deliveries)
        {
            var attempts = _attempts[delivery.Id].ToList();
            var numbered = attempts.Select(attempt => attempt.Number).SequenceEqual(Enumerable.Range(1, delivery.Attempts));
            var ended = delivery.State switch
            {
                "delivered" => attempts.Count(attempt => attempt.Status == 200) == 1 && attempts[^1].Status == 200,
                "dead" => attempts.Count == AttemptsMax && attempts.All(attempt => attempt.Status != 200),
                _ => false,
            };
            if (!numbered || !ended)
            {
                simulation.Violate($"Delivery {delivery.Id} to {delivery.Path} is {delivery.State} after {delivery.Attempts} attempts "
                    + $"({attempts.Count} recorded).");
            }
            if (calls[delivery.Id].Count() < attempts.Count)
                simulation.Violate($"Delivery {delivery.Id} has {attempts.Count} attempts; its receiver saw {calls[delivery.Id].Count()}.");
            if (delivery.State == "delivered" && !calls[delivery.Id].Any(call => call.Taken))
                simulation.Violate($"Delivery {delivery.Id} counts as delivered; its receiver never took it.");
        }
        foreach (var call in simulation.Receivers.Calls.Where(call => _deliveries.All(delivery => delivery.Id != call.Delivery)).Take(1))
            simulation.Violate($"The receiver was called at {call.Path} for the delivery {call.Delivery}, which does not exist.");
    }

    /// <summary>
    /// Everybody who asked for a callback is called back: at the end of the operation, or at once; and once more when a SIM goes on
    /// from ready or deactivated by itself.
    /// </summary>
    private void CheckCallbacks()
    {
        var byPath = _deliveries.ToLookup(delivery => delivery.Path);
        foreach (var asked in simulation.Calls.Callbacks)
        {
            var count = byPath[asked.Path].Count();
            if (asked.Outcome switch { Outcome.Accepted => count is < 1 or > 2, Outcome.Refused => count != 0, _ => count > 2 })
                simulation.Violate($"The callback {asked.Path} of {asked.Sim} was {asked.Outcome}; it has {count} deliveries.");
        }
        foreach (var sim in _deliveries.GroupBy(delivery => delivery.Sim))
        {
            var asked = simulation.Calls.Callbacks.Where(callback => callback.Sim == Ids.ToSid("DE", sim.Key)).ToList();
            var first = asked.Count(callback => callback.Outcome == Outcome.Accepted || byPath[callback.Path].Any());
            var again = FinalCallbacks(sim.Key);
            if (sim.Count() != first + again)
            {
                simulation.Violate($"{Ids.ToSid("DE", sim.Key)} has {sim.Count()} deliveries; {first} at first and {again} at its final "
                    + "status were due.");
            }
        }
    }

    /// <summary>Every Command that was accepted is counted once. That it came to an end is told by its callback.</summary>
    private void CheckCommands(List<(Guid Sim, long Commands)> counted)
    {
        foreach (var (sim, commands) in counted)
        {
            var sent = simulation.Calls.Commands.Where(command => command.Sim == Ids.ToSid("DE", sim)).ToList();
            var (least, most) = (sent.Count(command => command.Outcome == Outcome.Accepted),
                sent.Count(command => command.Outcome != Outcome.Refused));
            if (commands < least || commands > most)
                simulation.Violate($"{Ids.ToSid("DE", sim)} has counted {commands} Commands; {least} to {most} were accepted.");
        }
    }

    /// <summary>
    /// Counts the moves to a final status that had only a remembered callback to call: one that was given on the way to ready or
    /// deactivated, and was not dropped by coming back from deactivated.
    /// </summary>
    private int FinalCallbacks(Guid sim)
    {
        var operations = _operations.ToDictionary(operation => operation.Id);
        var (remembers, count) = (false, 0);
        foreach (var happened in _events.Where(happened => happened.Sim == sim && (string?)happened.Data["updated"]!["status"] is not null))
        {
            var from = (string?)happened.Data["previous"]!["status"];
            var to = (string)happened.Data["updated"]!["status"]!;
            var isGiven = happened.OperationId is { } id && operations[id].Callback is not null;
            if (to is "ready" or "deactivated")
                remembers |= isGiven;
            if (to is "active" or "canceled")
            {
                var reactivated = from == "deactivated" && to == "active";
                if (remembers && !isGiven && !reactivated)
                    count++;
                remembers = false;
            }
        }
        return count;
    }

    /// <summary>Each SIM's events follow from one another, make no illegal move, and add up to what is stored and shown.</summary>
    private async Task CheckHistoryAsync()
    {
        var answer = await simulation.SendAsync("GET", "/operator/v1/sims?limit=500", Simulation.Operator);
        var stored = answer.Items
            .ToDictionary(sim => sim.GetProperty("sid").GetString()!, sim => JsonNode.Parse(sim.GetRawText())!.AsObject());
        foreach (var history in _events.GroupBy(happened => happened.Sim))
        {
            var sid = Ids.ToSid("DE", history.Key);
            var replayed = new JsonObject();
            DateTimeOffset since = default;
            foreach (var happened in history)
            {
                var previous = happened.Data["previous"]!.AsObject();
                var updated = happened.Data["updated"]!.AsObject();
                foreach (var (field, was) in previous)
                {
                    if (!JsonNode.DeepEquals(replayed[field], was))
                    {
                        simulation.Violate($"{sid}: event {happened.Id} says that {field} was {Shown(was)}; by the events before it is "
                            + $"{Shown(replayed[field])}.");
                    }
                }
                if (updated.ContainsKey("status") && happened.Type is not ("sim.created" or "sim.deleted"))
                {
                    CheckMove(sid, happened, (string?)previous["status"], (string?)updated["status"], since);
                    since = Ids.CreatedAt(happened.Id);
                }
                if (happened.Type == "sim.updated" && updated.Count == 0 && happened.OperationId is null)
                    simulation.Violate($"{sid}: event {happened.Id} changes nothing.");
                foreach (var (field, value) in updated)
                    replayed[field] = value?.DeepClone();
            }
            var deleted = history.Last().Type == "sim.deleted";
            if (deleted == stored.ContainsKey(sid))
                simulation.Violate($"{sid} {(deleted ? "was deleted, and is there" : "is not there, and was not deleted")}.");
            else if (!deleted)
                CheckStored(sid, replayed, stored[sid]);
        }
        foreach (var sid in stored.Keys.Except(_events.Select(happened => Ids.ToSid("DE", happened.Sim))))
            simulation.Violate($"{sid} is there without an event.");
    }

    private void CheckStored(string sid, JsonObject replayed, JsonObject sim)
    {
        foreach (var field in Replayed)
        {
            var value = sim[field] is JsonObject { Count: 0 } ? null : sim[field];
            if (!JsonNode.DeepEquals(replayed[field], value))
                simulation.Violate($"{sid}: {field} is stored as {Shown(value)}; its events give {Shown(replayed[field])}.");
        }
        if ((string?)sim["shown"] != (string?)sim["status"] || (bool)sim["resetting"]!)
            simulation.Violate($"{sid} shows {sim["shown"]} (resetting: {sim["resetting"]}) when nothing is open; it is {sim["status"]}.");
        if ((string?)sim["status"] is "ready" or "deactivated")
            simulation.Violate($"{sid} is still {sim["status"]} after 100 days.");
    }

    private void CheckMove(string sid, Event happened, string? from, string? to, DateTimeOffset since)
    {
        var at = Ids.CreatedAt(happened.Id) + IdsAhead;
        if (simulation.SetBack > TimeSpan.Zero)
            at += simulation.SetBack + MonthsDiffer;
        var legal = (happened.Actor, from, to) switch
        {
            ("system", "ready", "active") => at >= since.AddMonths(3)
                || simulation.Calls.Commands.Count(command => command.Sim == sid && command.Outcome != Outcome.Refused) >= 5,
            ("system", "deactivated", "canceled") => at >= since.AddHours(72),
            ("system", _, _) => false,
            (_, "new", "ready" or "active" or "deactivated") => true,
            (_, "ready", "active" or "suspended" or "deactivated") => true,
            (_, "active", "suspended" or "deactivated") => true,
            (_, "suspended", "active" or "deactivated") => true,
            (_, "deactivated", "active") => true,
            _ => false,
        };
        if (!legal)
            simulation.Violate(
                $"{sid}: {happened.Actor} moved it from {from} to {to}, {Ids.CreatedAt(happened.Id) - since} after the move before.");
    }

    private static string Shown(JsonNode? node) => node?.ToJsonString() ?? "null";

    private sealed record Event(Guid Id, Guid Sim, string Type, string Actor, Guid? OperationId, JsonObject Data);

    private sealed record Operation(Guid Id, Guid Sim, string Kind, string? Wanted, string State, string? Callback);

    private sealed record Delivery(Guid Id, Guid Sim, string Path, string State, int Attempts);
}
