using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operations;

/// <summary>Carries operations to their carriers.</summary>
internal sealed class OperationWorker(
    Database database, SimClock clock, CarrierList carriers, ChangeSim change, JobQueue jobs, Chance chance)
{
    /// <summary>The most operations that are sent or asked about at once.</summary>
    public const int AtOnceMax = 64;

    /// <summary>The sources of operations: those that carriers are working on, those of each carrier, and those of none.</summary>
    public IReadOnlyList<IJobSource> Sources =>
    [
        BudgetSource.Free(jobs, Lane.Polls),
        .. carriers.Ids.Select(id => new BudgetSource(jobs, [Lane.Urgent, Lane.Operations], id, carriers[id].Governor.Room)),
        BudgetSource.Free(jobs, Lane.Urgent, Lane.Operations),
    ];

    /// <summary>Counts the operations that an earlier process had sent, so that the budgets hold from the start.</summary>
    public async Task ResumeAsync()
    {
        foreach (var (carrier, id) in await database.ReadAsync(session =>
            session.ListAsync(OperationSql.Sent, row => (row.Text(0), row.Id(1)))))
        {
            carriers[carrier].Governor.Resume(id);
        }
    }

    /// <summary>Frees, in budgets that are used up, the room of operations whose end another server has seen.</summary>
    public async Task GiveBackAsync()
    {
        var full = carriers.Ids.Select(id => carriers[id].Governor).Where(governor => governor.IsFull)
            .Select(governor => (Governor: governor, Waiting: governor.Waiting())).ToList();
        if (full.Count == 0)
            return;
        var sent = (await database.ReadAsync(session => session.ListAsync(OperationSql.Sent, row => row.Id(1)))).ToHashSet();
        foreach (var (governor, waiting) in full)
            governor.KeepOnly(waiting, sent);
    }

    /// <summary>Runs one claimed operation: asks the carrier, then decides and saves.</summary>
    public async Task RunOperationAsync(Job job, CancellationToken stop)
    {
        var (operation, sim, known) = await database.ReadAsync(async session =>
        {
            var found = await session.OneAsync(OperationSql.ById, OperationTable.Rows.Read, job.OrgId, job.SubjectId);
            var owner = found is null ? null : await session.OneAsync(SimSql.ById, SimTable.Rows.Read, job.OrgId, found.SimId);
            return found is null || owner is null
                ? default
                : (found, owner, await session.OneAsync(AccessSql.ForCall, AccessSql.Read,
                    found.ChangesPlan ? found.PlanId : owner.RatePlanId, owner.Id, job.OrgId, found.AccountId));
        });
        if (operation is not { State: OperationState.Open } || sim is null)
        {
            await database.WriteAsync(session => JobQueue.DeleteAsync(session, job.OrgId, JobKind.Operation, job.SubjectId));
            return;
        }
        var (carrier, now) = (carriers[operation.Carrier], clock.Now);
        var call = CarrierCall.For(operation, sim, Access.Of(operation.Wanted ?? sim.Status, known.Plan, known.Restriction), now);
        if (operation.Id.CompareTo(known.SuspendedAfter ?? Guid.Empty) < 0)
            await EndAsync(operation, new SimInput.AccountSuspended());
        else if (operation.AwaySince is null && now >= operation.Deadline)
            await EndAsync(operation, new SimInput.DeadlinePassed());
        else if (carrier.Cannot(call.Wish) is { } refused)
            await EndAsync(operation, new SimInput.Answer(refused));
        else
            await AskAsync(carrier, operation, call, stop);
    }

    /// <summary>
    /// Records that an operation's job has failed: as an attempt whose outcome nobody knows, or as the operation's end if its deadline has
    /// passed. False: the operation could not be moved on.
    /// </summary>
    public async Task<bool> FailedAsync(Job job, string reason)
    {
        var operation = await database.ReadAsync(session =>
            session.OneAsync(OperationSql.ById, OperationTable.Rows.Read, job.OrgId, job.SubjectId));
        if (operation is not { State: OperationState.Open })
            return false;
        SimInput input = operation.AwaySince is null && clock.Now >= operation.Deadline
            ? new SimInput.DeadlinePassed()
            : new SimInput.Answer(new CarrierAnswer.Unknown(reason));
        return (await EndAsync(operation, input)).Error is null;
    }

    /// <summary>
    /// Applies an input to this operation, if it is still the open one and has not been moved on meanwhile. So an answer that comes twice,
    /// or after an operator's decision, changes nothing.
    /// </summary>
    public async Task<Result<Decision>> EndAsync(Operation operation, SimInput input)
    {
        var isOpen = false;
        var decided = await change.RunAsync(
            FindSim.ById(operation.OrgId, operation.SimId),
            (_, _, open) =>
            {
                isOpen = open?.Id == operation.Id;
                return ValueTask.FromResult(isOpen && open!.Version == operation.Version
                    ? (Result<SimInput>)input
                    : new Error(ErrorCode.Conflict, "The operation has moved on meanwhile. Read it again."));
            });
        if (!isOpen || (decided.Error is null && decided.Value.Operation?.State != OperationState.Open))
            carriers[operation.Carrier].Governor.Ended(operation.Id);
        return decided;
    }

    /// <summary>Lets an open operation be tried at once, even while its carrier counts as away.</summary>
    public async Task<Result<Operation>> RetryAsync(Operation operation)
    {
        carriers[operation.Carrier].Governor.LookNow(clock.Now);
        var due = operation with { NextTry = clock.Now };
        var lane = await database.WriteAsync(async session =>
            await session.ExecuteAsync(OperationSql.Retry, due.NextTry, due.OrgId, due.Id, due.Version) == 0
                ? (Lane?)null
                : await OperationSql.PutJobAsync(session, due, carriers, due.NextTry.Value));
        if (lane is null)
            return new Error(ErrorCode.Conflict, "The operation has moved on meanwhile. Read it again.");
        jobs.Wake(lane.Value);
        return due;
    }

    private async Task AskAsync(Carrier carrier, Operation operation, CarrierCall call, CancellationToken stop)
    {
        var entry = carrier.Governor.TryEnter(operation.Id, call.Step == CallStep.Poll, call.Now);
        await (entry.Kind switch
        {
            EntryKind.Enter => EnteredAsync(carrier, operation, call, stop),
            EntryKind.Away => EndAsync(operation, new SimInput.CarrierAway()),
            EntryKind.NoRoom => WaitForRoomAsync(operation, call.Now, entry.Again),
        });
    }

    private async Task EnteredAsync(Carrier carrier, Operation operation, CarrierCall call, CancellationToken stop)
    {
        var jitter = chance.Next();
        CarrierAnswer? answer = null;
        try
        {
            // If the process dies before the answer is saved, nothing is lost: the job is claimed again, and the carrier recognises the
            // operation by its id.
            answer = await carrier.AskAsync(call, stop);
            await EndAsync(operation, new SimInput.Answer(answer));
            if (carrier.AnswersTwice(call, answer))
                await EndAsync(operation, new SimInput.Answer(answer));
        }
        catch
        {
            // Its room is given back: its job needs room to be claimed again, and would wait for its own.
            answer = null;
            throw;
        }
        finally
        {
            carrier.Governor.Leave(operation.Id, answer, call.Now, jitter);
        }
    }

    /// <summary>The carrier's budget has been used up since the job was claimed: the job waits for room.</summary>
    private Task WaitForRoomAsync(Operation operation, DateTimeOffset now, DateTimeOffset again) => database.WriteAsync(async session =>
    {
        var found = await session.OneAsync(OperationSql.ById, OperationTable.Rows.Read, operation.OrgId, operation.Id);
        // If the operation was moved on meanwhile, the job that it needs now is already written.
        if (found is { State: OperationState.Open } && found.Version == operation.Version)
            await OperationSql.PutJobAsync(session, found with { NextTry = again }, carriers, now);
    });
}
