using Simkeeper.Core.Commands;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Carriers.Test;

/// <summary>
/// A network that answers by itself, after a delay on the SIM clock, and behaves badly where a fault says so. How an operation stands
/// follows from its age, so nothing waits in memory; what is in effect is stored, like in a real network.
/// </summary>
internal sealed class TestCarrier(string id, TimeSpan delay, Faults faults, Database database) : ICarrier
{
    private static readonly Sql Read = new("select operation_id from test_network where org_id = @org_id and sim_id = @sim_id");

    /// <summary>A change that comes late, from a server that stood still meanwhile, does not undo a newer one.</summary>
    private static readonly Sql Write = new("""
        insert into test_network (org_id, sim_id, status, operation_id) values (@org_id, @sim_id, @status, @operation_id)
        on conflict (org_id, sim_id) do update set status = @status, operation_id = @operation_id
          where test_network.operation_id <= @operation_id
        """);

    private static readonly Sql WriteData = new("""
        insert into test_network_data (org_id, sim_id, restricted) values (@org_id, @sim_id, @restricted)
        on conflict (org_id, sim_id) do update set restricted = @restricted
        """);

    public string Kind => "test";

    public async Task ApplyAsync(Sim sim, Operation operation, DateTimeOffset now, Func<CarrierAnswer, Task> answer)
    {
        var isPoll = operation.Attempts > 0 && !operation.Uncertain && operation.AwaySince is null;
        if (!isPoll && faults.Find(id, FaultKind.Down, now) is not null)
        {
            await answer(new CarrierAnswer.Unavailable("The carrier takes no changes at the moment."));
            return;
        }
        var slow = isPoll ? null : faults.Find(id, FaultKind.Slow, now);
        var sentAt = isPoll ? operation.CreatedAt : now;
        var answersAt = slow is null ? (isPoll ? now : sentAt + delay) : now + slow.Delay!.Value;
        if (answersAt > now)
        {
            await answer(new CarrierAnswer.Pending(answersAt));
            return;
        }
        if (faults.Find(id, FaultKind.Refuse, now) is { } refusal)
        {
            await answer(new CarrierAnswer.Refused(refusal.Code, "The carrier refused the change."));
            return;
        }
        await database.WriteAsync(session => session.ExecuteAsync(Write,
            operation.OrgId, sim.Id, operation.Wanted?.ToWire() ?? "reset", operation.Id));
        if (faults.Find(id, FaultKind.Lost, now) is not null)
        {
            await answer(new CarrierAnswer.Unknown("The carrier's answer was lost."));
            return;
        }
        await answer(new CarrierAnswer.Done());
        if (faults.Find(id, FaultKind.Twice, now) is not null)
            await answer(new CarrierAnswer.Done());
    }

    public async Task<CarrierAnswer?> ReadBackAsync(Sim sim, Operation operation)
    {
        var inEffect = await database.ReadAsync(session => session.OneAsync(Read, row => row.Id(0), operation.OrgId, sim.Id));
        return inEffect == operation.Id ? new CarrierAnswer.Done() : null;
    }

    public async Task<CarrierAnswer> RestrictDataAsync(Sim sim, DataRestriction restriction, DateTimeOffset now)
    {
        if (faults.Find(id, FaultKind.Down, now) is not null)
            return new CarrierAnswer.Unavailable("The carrier takes no changes at the moment.");
        if (faults.Find(id, FaultKind.Refuse, now) is { } refusal)
            return new CarrierAnswer.Refused(refusal.Code, "The carrier refused the change.");
        await database.WriteAsync(session => session.ExecuteAsync(WriteData, sim.OrgId, sim.Id, $"{restriction}"));
        return faults.Find(id, FaultKind.Lost, now) is null ? new CarrierAnswer.Done() : new CarrierAnswer.Unknown("The carrier's answer was lost.");
    }

    public async Task SendAsync(Sim sim, Command command, DateTimeOffset now, Func<CarrierAnswer, Task> answer)
    {
        if (command.Status == CommandStatus.Queued && Take(now) is { } said)
        {
            await answer(said);
            return;
        }
        await answer(new CarrierAnswer.Done());
        if (faults.Find(id, FaultKind.Twice, now) is not null)
            await answer(new CarrierAnswer.Done());
    }

    /// <summary>Whether it takes a Command; null: it does, and the device has it at once.</summary>
    private CarrierAnswer? Take(DateTimeOffset now)
    {
        if (faults.Find(id, FaultKind.Down, now) is not null)
            return new CarrierAnswer.Unavailable("The carrier takes no Commands at the moment.");
        if (faults.Find(id, FaultKind.Refuse, now) is { } refusal)
            return new CarrierAnswer.Refused(refusal.Code, "The carrier refused the Command.");
        if (faults.Find(id, FaultKind.Lost, now) is not null)
            return new CarrierAnswer.Unknown("The carrier's answer was lost.");
        var takes = faults.Find(id, FaultKind.Slow, now)?.Delay ?? delay;
        return takes > TimeSpan.Zero ? new CarrierAnswer.Pending(now + takes) : null;
    }
}
