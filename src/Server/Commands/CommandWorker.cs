using Simkeeper.Core;
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
/// Carries Commands to their carriers, checks for receipts, and removes Commands when their time is over. One job per Command does all of
/// this. Safe to retry; may send twice if the process dies before saving: the carrier recognises the Command by its id.
/// </summary>
internal sealed class CommandWorker(
    Database database, SimClock clock, CarrierList carriers, JobQueue jobs, Chance chance, CommandSettings settings,
    IEnumerable<ICommandFollower> followers)
{
    /// <summary>The most Commands that are sent or asked about at once.</summary>
    public const int AtOnceMax = 64;

    /// <summary>The sources of its jobs: those that need none of a carrier's budget, and those to be sent.</summary>
    public IReadOnlyList<IJobSource> Sources =>
    [
        BudgetSource.Free(jobs, Lane.Commands),
        .. carriers.Ids.Select(id => new BudgetSource(jobs, [Lane.Commands], id, carriers[id].Governor.Room)),
    ];

    /// <summary>Runs one claimed Command: the step that is due for it.</summary>
    public async Task RunAsync(Job job, CancellationToken stop)
    {
        var (command, sim, plan) = await database.ReadAsync(async session =>
        {
            var found = await session.OneAsync(CommandSql.ById, CommandTable.Rows.Read, job.OrgId, job.SubjectId);
            var owner = found is null ? null : await session.OneAsync(SimSql.ById, SimTable.Rows.Read, job.OrgId, found.SimId);
            return (found, owner, owner?.RatePlanId is { } planId
                ? await session.OneAsync(RatePlanSql.ById, RatePlanTable.Rows.Read, job.OrgId, planId)
                : null);
        });
        var now = clock.Now;
        if (command is null || (command.HasEnded && now >= command.CountsFrom + settings.Keep))
            await RemoveAsync(job.OrgId, job.SubjectId);
        else if (command.CountsFrom > now)
            await CountFromAsync(now, command, sim);
        else if (command.HasEnded)
            await database.WriteAsync(session => PutJobAsync(session, command, sim, now, command.CountsFrom + settings.Keep));
        else if (now >= command.CountsFrom + settings.Deadline)
            await SaveAsync(command, sim, now, Failed(Lifecycle.ExpiredCode, "The Command was not delivered in time."));
        else if (sim is null)
            await SaveAsync(command, sim, now, Failed(CommandRules.SimNotFoundCode, "The SIM does not exist any more."));
        else if (command.Status == CommandStatus.Sent)
            await AskAsync(carriers[sim.Provider], command, CarrierCall.For(command, sim, now), stop);
        else if (CommandRules.Blocked(sim, plan) is { } blocked)
            await SaveAsync(command, sim, now, Failed(Code(blocked), blocked.Message));
        else
            await SendAsync(command, CarrierCall.For(command, sim, now), stop);

        CommandDecision Failed(int code, string text) => CommandRules.Fail(command, code, text, now);
    }

    /// <summary>
    /// Records that a Command's job has failed: as an attempt whose outcome nobody knows, or as the Command's end if its time is over.
    /// False: the Command could not be moved on.
    /// </summary>
    public async Task<bool> FailedAsync(Job job, string reason)
    {
        var command = await database.ReadAsync(session =>
            session.OneAsync(CommandSql.ById, CommandTable.Rows.Read, job.OrgId, job.SubjectId));
        if (command is not { HasEnded: false })
            return false;
        var now = clock.Now;
        var decision = now >= command.CountsFrom + settings.Deadline
            ? CommandRules.Fail(command, Lifecycle.ExpiredCode, reason, now)
            : CommandRules.Answer(command, new CarrierAnswer.Unknown(reason), now, command.CountsFrom + settings.Deadline, chance.Next());
        try
        {
            var sim = await database.ReadAsync(session => session.OneAsync(SimSql.ById, SimTable.Rows.Read, job.OrgId, command.SimId));
            return await SaveAsync(command, sim, now, decision);
        }
        catch (Exception e) when (e is not StoreAwayException)
        {
            // Its SIM cannot be read, or its end cannot be told: the Command ends all the same.
            return await SaveAsync(command, null, now, decision, isTold: false);
        }
    }

    /// <summary>Deletes a Command. One that still waits is not sent any more.</summary>
    public Task<bool> RemoveAsync(Guid orgId, Guid id) => database.WriteAsync(async session =>
    {
        await JobQueue.DeleteAsync(session, orgId, JobKind.Command, id);
        return await session.ExecuteAsync(CommandSql.Delete, orgId, id) > 0;
    });

    /// <summary>
    /// Takes a receipt that comes by itself: the device has the Command, or will not get it. Safe to repeat: a Command that has ended does
    /// not change.
    /// </summary>
    public async Task<Error?> ReceiptAsync(Guid id, CarrierAnswer outcome)
    {
        for (var race = 0; ; race++)
        {
            var (command, sim) = await database.ReadAsync(async session =>
            {
                var orgId = await session.OneAsync(ReceiptSql.OrgOfCommand, row => row.Id(0), id);
                var found = await session.OneAsync(CommandSql.ById, CommandTable.Rows.Read, orgId, id);
                return (found, found is null ? null : await session.OneAsync(SimSql.ById, SimTable.Rows.Read, orgId, found.SimId));
            });
            if (command is null)
                return new Error(ErrorCode.NotFound, "There is no such Command.");
            if (command.HasEnded || await AnsweredAsync(command, sim, outcome, clock.Now))
                return null;
            // The answer to the call that sent it was saved in between.
            if (race == ChangeSim.RacesMax)
                return new Error(ErrorCode.Conflict, "The Command is being changed right now. Send the receipt again.");
        }
    }

    private async Task SendAsync(Command command, CarrierCall call, CancellationToken stop)
    {
        var (sim, now) = (call.Sim, call.Now);
        var carrier = carriers[sim.Provider];
        if (carrier.Cannot(call.Wish) is { } refused)
        {
            await AnsweredAsync(command, sim, refused, now);
            return;
        }
        var entry = carrier.Governor.TryEnter(command.Id, isSent: false, now);
        await (entry.Kind switch
        {
            EntryKind.Enter => EnteredAsync(carrier, command, call, stop),
            EntryKind.Away => AnsweredAsync(command, sim, new CarrierAnswer.Unavailable("The carrier is away."), now),
            EntryKind.NoRoom => database.WriteAsync(session => PutJobAsync(session, command, sim, now, entry.Again)),
        });
    }

    private async Task EnteredAsync(Carrier carrier, Command command, CarrierCall call, CancellationToken stop)
    {
        CarrierAnswer? answer = null;
        try
        {
            answer = await AskAsync(carrier, command, call, stop);
        }
        finally
        {
            // Once the carrier has it, waiting for the device needs none of the budget.
            var left = answer is CarrierAnswer.Pending ? new CarrierAnswer.Done() : answer;
            carrier.Governor.Leave(command.Id, left, call.Now, chance.Next());
        }
    }

    private async Task<CarrierAnswer> AskAsync(Carrier carrier, Command command, CarrierCall call, CancellationToken stop)
    {
        var answer = await carrier.AskAsync(call, stop);
        await AnsweredAsync(command, call.Sim, answer, call.Now);
        if (carrier.AnswersTwice(call, answer))
            await AnsweredAsync(command, call.Sim, answer, call.Now);
        return answer;
    }

    /// <summary>
    /// Lets the waits of a Command begin anew, since the clock was set back behind their beginning. Then it is looked at again.
    /// </summary>
    private Task CountFromAsync(DateTimeOffset now, Command command, Sim? sim) => database.WriteAsync(async session =>
    {
        if (await session.ExecuteAsync(CommandSql.Update, CommandTable.Rows.UpdateValues(command with { UpdatedAt = now })) > 0)
            await PutJobAsync(session, command, sim, now, now);
    });

    private Task<bool> AnsweredAsync(Command command, Sim? sim, CarrierAnswer answer, DateTimeOffset now) => SaveAsync(command, sim, now,
        CommandRules.Answer(command, answer, now, command.CountsFrom + settings.Deadline, chance.Next()));

    /// <summary>
    /// Saves the next state of a Command, and says if it did. A Command that has moved on meanwhile is left alone, so that an answer that
    /// comes twice changes nothing.
    /// </summary>
    /// <param name="isTold">False: nobody hears of its end.</param>
    private async Task<bool> SaveAsync(Command before, Sim? sim, DateTimeOffset now, CommandDecision decision, bool isTold = true)
    {
        var after = decision.Command;
        var wake = new HashSet<Lane> { Lane.Commands };
        var isSaved = await database.WriteAsync(async session =>
        {
            if (await session.ExecuteAsync(CommandSql.Update, CommandTable.Rows.UpdateValues(after)) == 0)
                return false;
            await PutJobAsync(session, after, sim, now, decision.Next ?? after.CountsFrom + settings.Keep);
            if (after.HasEnded && isTold)
            {
                foreach (var follower in followers)
                    await follower.ChangedAsync(session, new CommandChange(after, sim, decision.ErrorCode, decision.ErrorMessage, wake));
            }
            return true;
        });
        if (!isSaved)
            return false;
        foreach (var lane in wake)
            jobs.Wake(lane);
        return true;
    }

    private ValueTask PutJobAsync(Session session, Command command, Sim? sim, DateTimeOffset now, DateTimeOffset due) => JobQueue.PutAsync(
        session, command.OrgId, JobKind.Command, command.Id, Lane.Commands, now, due,
        command.Status == CommandStatus.Queued && sim is not null ? carriers.Budget(sim.Provider) : "");

    private static int Code(Error blocked) =>
        blocked.Code == ErrorCode.NotAuthorized ? CommandRules.MessagingNotAllowedCode : CommandRules.NotConnectedCode;
}
