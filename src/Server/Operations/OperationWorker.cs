using System.Diagnostics;
using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operations;

/// <summary>Carries operations to their carriers, and timers to the lifecycle.</summary>
internal sealed class OperationWorker(
    Database database, SimClock clock, CarrierList carriers, ChangeSim change, JobQueue jobs, Chance chance)
{
    /// <summary>Operations talked about with carriers at once.</summary>
    public const int AtOnceMax = 64;

    /// <summary>Timers looked at together: as many as the store makes durable with one commit, for nobody outside is asked.</summary>
    public const int TimersAtOnceMax = 256;

    /// <summary>Where each has a connection of its own: few enough that requests and other workers find one free.</summary>
    public const int TimersAtOnceOnConnections = 16;

    /// <summary>Where operations are found: those being worked on first, then urgent ones of every carrier, then the rest.</summary>
    public IReadOnlyList<IJobSource> Sources =>
    [
        BudgetSource.Free(jobs, Lane.Polls),
        .. new[] { Lane.Urgent, Lane.Operations }.SelectMany(lane =>
            carriers.Ids.Select(id => new BudgetSource(jobs, lane, id, carriers[id].Governor.Room)).Append(BudgetSource.Free(jobs, lane))),
    ];

    /// <summary>Counts what an earlier process had sent, so that the budgets hold from the start.</summary>
    public async Task ResumeAsync()
    {
        foreach (var (carrier, id) in await database.ReadAsync(session =>
            session.ListAsync(OperationSql.Sent, row => (row.Text(0), row.Id(1)))))
        {
            carriers[carrier].Governor.Resume(id);
        }
    }

    /// <summary>Where all room is taken: gives back that of operations whose end another server has seen.</summary>
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

    /// <summary>One claimed operation: ask the carrier, then decide and save.</summary>
    public async Task RunOperationAsync(Job job, CancellationToken stop)
    {
        var (operation, sim, suspendedAfter) = await database.ReadAsync(async session =>
        {
            var found = await session.OneAsync(OperationSql.ById, OperationTable.Rows.Read, job.OrgId, job.SubjectId);
            return found is null
                ? default
                : (found, await session.OneAsync(SimSql.ById, SimTable.Rows.Read, job.OrgId, found.SimId),
                    await session.OneAsync(AccountSql.SuspendedAfter, row => row.IdOrNull(0), job.OrgId, found.AccountId));
        });
        if (operation is not { State: OperationState.Open } || sim is null)
        {
            await database.WriteAsync(session => JobQueue.DeleteAsync(session, job.OrgId, JobKind.Operation, job.SubjectId));
            return;
        }
        var (carrier, governor) = carriers[operation.Carrier];
        var now = clock.Now;
        if (operation.Id.CompareTo(suspendedAfter ?? Guid.Empty) < 0)
            await EndAsync(operation, new SimInput.AccountSuspended());
        else if (operation.AwaySince is null && now >= operation.Deadline)
            await EndAsync(operation, new SimInput.DeadlinePassed());
        else if (!governor.TryEnter(operation.Id, OperationSql.IsSent(operation), now))
            await WaitForRoomAsync(operation, governor, now);
        else
            await AskAsync(carrier, governor, sim, operation, now);
    }

    /// <summary>One claimed timer: the lifecycle looks whether the SIM's automatic move is due.</summary>
    public Task RunTimerAsync(Job job, CancellationToken stop) => RunTimerAsync(job, clock.Now);

    /// <summary>A timer, looked at as of this moment.</summary>
    public async Task RunTimerAsync(Job job, DateTimeOffset at)
    {
        var decided = await change.RunAsync(
            FindSim.ById(job.OrgId, job.SubjectId), new SimInput.TimerDue(), at);
        if (decided.Error is { Code: ErrorCode.SimNotFound })
            await database.WriteAsync(session => JobQueue.DeleteAsync(session, job.OrgId, JobKind.Timer, job.SubjectId));
    }

    /// <summary>
    /// Applies an input to this operation, if it is still the open one and nobody moved it on meanwhile: an answer that comes twice, or
    /// after an operator's word, changes nothing.
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

    /// <summary>Lets an open operation be tried at once, also while its carrier is thought to be away.</summary>
    public async Task<Result<Operation>> RetryAsync(Operation operation)
    {
        carriers[operation.Carrier].Governor.LookNow(clock.Now);
        var due = operation with { NextTry = clock.Now };
        var lane = await database.WriteAsync(async session =>
            await session.ExecuteAsync(OperationSql.Retry, due.NextTry, due.OrgId, due.Id, due.Version) == 0
                ? (Lane?)null
                : await OperationSql.PutJobAsync(session, due, carriers));
        if (lane is null)
            return new Error(ErrorCode.Conflict, "The operation has moved on meanwhile. Read it again.");
        jobs.Wake(lane.Value);
        return due;
    }

    private async Task AskAsync(ICarrier carrier, Governor governor, Sim sim, Operation operation, DateTimeOffset now)
    {
        var jitter = chance.Next();
        using var trace = Measured.Traces.StartActivity("carrier call")?
            .SetTag("simkeeper.carrier", operation.Carrier).SetTag("simkeeper.operation", Ids.ToGigs("op", operation.Id))
            .SetTag("simkeeper.sim", sim.Sid);
        var started = Stopwatch.GetTimestamp();
        CarrierAnswer? said = null;
        try
        {
            if (operation.Uncertain && await carrier.ReadBackAsync(sim, operation) is { } known)
                await AnsweredAsync(known);
            else
                await carrier.ApplyAsync(sim, operation, now, AnsweredAsync);
        }
        catch
        {
            Measured.CarrierCall(operation.Carrier, "Failed", Stopwatch.GetElapsedTime(started));
            said = null;
            throw;
        }
        finally
        {
            governor.Leave(operation.Id, said, now, jitter);
        }

        // Dying before this is saved loses nothing: the job is claimed again, and the carrier knows the operation by its id.
        async Task AnsweredAsync(CarrierAnswer answer)
        {
            Measured.CarrierCall(operation.Carrier, answer.GetType().Name, Stopwatch.GetElapsedTime(started));
            said = answer;
            await EndAsync(operation, new SimInput.Answer(answer));
        }
    }

    /// <summary>The carrier is away, or its budget was used up since the job was claimed.</summary>
    private async Task WaitForRoomAsync(Operation operation, Governor governor, DateTimeOffset now)
    {
        if (governor.AwayUntil > now)
        {
            await EndAsync(operation, new SimInput.CarrierAway());
            return;
        }
        await database.WriteAsync(async session =>
        {
            var found = await session.OneAsync(OperationSql.ById, OperationTable.Rows.Read, operation.OrgId, operation.Id);
            // Whoever moved it on meanwhile has written the job that it needs now.
            if (found is { State: OperationState.Open } && found.Version == operation.Version)
                await OperationSql.PutJobAsync(session, found with { NextTry = governor.LookAgain(now) }, carriers);
            return found;
        });
    }
}
