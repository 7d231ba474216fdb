using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operations;

/// <summary>Carries operations to their carriers, and timers to the lifecycle.</summary>
internal sealed class OperationWorker(Database database, SimClock clock, CarrierList carriers, ChangeSim change)
{
    /// <summary>Operations talked about with carriers at once.</summary>
    public const int AtOnceMax = 64;

    /// <summary>One claimed operation: ask the carrier, then decide and save.</summary>
    public async Task RunOperationAsync(Job job, CancellationToken stop)
    {
        var (operation, sim) = await database.ReadAsync(async session =>
        {
            var found = await session.OneAsync(OperationSql.ById, OperationSql.Read, job.OrgId, job.SubjectId);
            return (found, found is null ? null : await session.OneAsync(SimSql.ById, SimSql.Read, job.OrgId, found.SimId));
        });
        if (operation is not { State: OperationState.Open } || sim is null)
        {
            await database.WriteAsync(session => JobQueue.DeleteAsync(session, job.OrgId, JobKind.Operation, job.SubjectId));
            return;
        }
        SimInput input = operation.AwaySince is null && clock.Now >= operation.Deadline
            ? new SimInput.DeadlinePassed()
            : new SimInput.Answer(await carriers[operation.Carrier].ApplyAsync(sim, operation, clock.Now, stop));
        // Dying here loses nothing: the job is claimed again, and the carrier knows the operation by its id.
        await EndAsync(operation, input);
    }

    /// <summary>Applies an input to this operation, if it is still the open one and nobody moved it on meanwhile.</summary>
    public Task<Result<Decision>> EndAsync(Operation operation, SimInput input) =>
        change.RunAsync(
            session => session.OneAsync(SimSql.ById, SimSql.Read, operation.OrgId, operation.SimId),
            (_, _, open) => ValueTask.FromResult(open?.Id == operation.Id && open.Version == operation.Version
                ? (Result<SimInput>)input
                : new Error(ErrorCode.Conflict, "The operation has moved on meanwhile. Read it again.")));

    /// <summary>One claimed timer: the lifecycle looks whether the SIM's automatic move is due.</summary>
    public async Task RunTimerAsync(Job job, CancellationToken stop)
    {
        var decided = await change.RunAsync(
            session => session.OneAsync(SimSql.ById, SimSql.Read, job.OrgId, job.SubjectId), new SimInput.TimerDue());
        if (decided.Error is { Code: ErrorCode.SimNotFound })
            await database.WriteAsync(session => JobQueue.DeleteAsync(session, job.OrgId, JobKind.Timer, job.SubjectId));
    }
}
