using Simkeeper.Core.Commands;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Commands;

/// <summary>
/// Carries Commands to their carriers, looks for their receipts, and removes them when their time is over: one job per Command sees to
/// all of it. At least once: whoever dies between sending and saving sends again, and the carrier knows the Command by its id.
/// </summary>
internal sealed class CommandWorker(
    Database database, SimClock clock, CarrierList carriers, JobQueue jobs, Chance chance, CommandSettings settings,
    IEnumerable<ICommandFollower> followers)
{
    /// <summary>Commands talked about with carriers at once.</summary>
    public const int AtOnceMax = 64;

    /// <summary>Those that need nothing of a carrier's budget, then those to be sent.</summary>
    public IReadOnlyList<IJobSource> Sources =>
    [
        BudgetSource.Free(jobs, Lane.Commands),
        .. carriers.Ids.Select(id => new BudgetSource(jobs, Lane.Commands, id, carriers[id].Governor.Room)),
    ];

    /// <summary>One claimed Command: whatever is due for it.</summary>
    public async Task RunAsync(Job job, CancellationToken stop)
    {
        var (command, sim, plan) = await database.ReadAsync(async session =>
        {
            var found = await session.OneAsync(CommandSql.ById, CommandSql.Read, job.OrgId, job.SubjectId);
            var owner = found is null ? null : await session.OneAsync(SimSql.ById, SimSql.Read, job.OrgId, found.SimId);
            return (found, owner, owner?.RatePlanId is { } planId
                ? await session.OneAsync(RatePlanSql.ById, RatePlanSql.Read, job.OrgId, planId)
                : null);
        });
        var now = clock.Now;
        if (command is null || (command.HasEnded && now >= command.CreatedAt + settings.Keep))
            await RemoveAsync(job.OrgId, job.SubjectId);
        else if (command.HasEnded)
            await database.WriteAsync(session => PutJobAsync(session, command, sim, command.CreatedAt + settings.Keep));
        else if (now >= command.CreatedAt + settings.Deadline)
            await SaveAsync(command, sim, CommandRules.Fail(command, Lifecycle.ExpiredCode, "The Command was not delivered in time.", now));
        else if (sim is null)
            await SaveAsync(command, sim, CommandRules.Fail(command, CommandRules.SimNotFoundCode, "The SIM does not exist any more.", now));
        else if (command.Status == CommandStatus.Sent)
            await carriers[sim.Provider].Carrier.SendAsync(sim, command, now, answer => AnsweredAsync(command, sim, answer, now));
        else if (CommandRules.Blocked(sim, plan) is { } blocked)
            await SaveAsync(command, sim, CommandRules.Fail(command, Code(blocked), blocked.Message, now));
        else
            await SendAsync(command, sim, now);
    }

    /// <summary>Deletes a Command, also one that waits: it is not sent any more.</summary>
    public Task<bool> RemoveAsync(Guid orgId, Guid id) => database.WriteAsync(async session =>
    {
        await JobQueue.DeleteAsync(session, orgId, JobKind.Command, id);
        return await session.ExecuteAsync(CommandSql.Delete, orgId, id) > 0;
    });

    private async Task SendAsync(Command command, Sim sim, DateTimeOffset now)
    {
        var (carrier, governor) = carriers[sim.Provider];
        if (!governor.TryEnter(command.Id, isSent: false, now))
        {
            if (governor.AwayUntil > now)
                await AnsweredAsync(command, sim, new CarrierAnswer.Unavailable("The carrier is away."), now);
            else
                await database.WriteAsync(session => PutJobAsync(session, command, sim, governor.LookAgain(now)));
            return;
        }
        CarrierAnswer? said = null;
        try
        {
            await carrier.SendAsync(sim, command, now, answer =>
            {
                // Once the carrier has it, waiting for the device is nothing of its budget.
                said = answer is CarrierAnswer.Pending ? new CarrierAnswer.Done() : answer;
                return AnsweredAsync(command, sim, answer, now);
            });
        }
        finally
        {
            governor.Leave(command.Id, said, now, chance.Next());
        }
    }

    private Task AnsweredAsync(Command command, Sim sim, CarrierAnswer answer, DateTimeOffset now) => SaveAsync(command, sim,
        CommandRules.Answer(command, answer, now, command.CreatedAt + settings.Deadline, chance.Next()));

    /// <summary>Saves what became of a Command, unless it has moved on meanwhile: an answer that comes twice changes nothing.</summary>
    private async Task SaveAsync(Command before, Sim? sim, CommandDecision decision)
    {
        var after = decision.Command;
        var wake = new HashSet<Lane> { Lane.Commands };
        var isSaved = await database.WriteAsync(async session =>
        {
            if (await session.ExecuteAsync(CommandSql.Update,
                after.Status.ToWire(), after.Attempts, after.UpdatedAt, after.OrgId, after.Id, before.Version) == 0)
                return false;
            await PutJobAsync(session, after, sim, decision.Next ?? after.CreatedAt + settings.Keep);
            if (after.HasEnded && sim is not null)
            {
                foreach (var follower in followers)
                    await follower.ChangedAsync(session, new CommandChange(after, sim, decision.ErrorCode, decision.ErrorMessage, wake));
            }
            return true;
        });
        if (!isSaved)
            return;
        foreach (var lane in wake)
            jobs.Wake(lane);
    }

    private ValueTask PutJobAsync(Session session, Command command, Sim? sim, DateTimeOffset due) => JobQueue.PutAsync(
        session, command.OrgId, JobKind.Command, command.Id, Lane.Commands, due,
        command.Status == CommandStatus.Queued && sim is not null ? carriers.Budget(sim.Provider) : "");

    private static int Code(Core.Error blocked) =>
        blocked.Code == Core.ErrorCode.NotAuthorized ? CommandRules.MessagingNotAllowedCode : CommandRules.NotConnectedCode;
}
