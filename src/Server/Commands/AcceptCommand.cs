using Simkeeper.Core;
using Simkeeper.Core.Commands;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Usage;

namespace Simkeeper.Server.Commands;

/// <summary>
/// Accepts Commands, from a user for a device or from a device. The Command, its job, the message to the user and the SIM's count of
/// Commands are written in one transaction.
/// </summary>
internal sealed class AcceptCommand(
    SimClock clock, IdGenerator ids, ChangeSim change, CarrierList carriers, JobQueue jobs, CommandSettings settings,
    IEnumerable<ICommandFollower> followers, KeptBudget budget)
{
    /// <summary>The time after which a user whose queue is full may try again.</summary>
    private static readonly TimeSpan FullAgain = TimeSpan.FromMinutes(1);

    /// <summary>Accepts a user's Command: it is queued, and sent afterwards.</summary>
    /// <param name="draft">The values that the user gives.</param>
    public async Task<Result<Command>> ToSimAsync(Command draft, FindSim which)
    {
        var accepted = await AcceptAsync(draft with { Direction = CommandDirection.ToSim, Status = CommandStatus.Queued }, which,
            async (session, sim, command, _) =>
            {
                if (sim.Narrowband && CommandRules.NarrowbandQueuedMax
                    <= await session.OneAsync(CommandSql.Queued, row => row.Number(0), sim.OrgId, sim.Id))
                {
                    return new Error(ErrorCode.TooManyQueued,
                        $"{CommandRules.NarrowbandQueuedMax} Commands are queued for this Narrowband SIM. Wait until some have been sent.",
                        "Sim");
                }
                if (budget.Wait(sim.AccountId) is { } seconds)
                    return ChangeSim.TooMuchKept(seconds);
                if (await session.AnyAsync(CommandQueueSql.IsFull, sim.OrgId, sim.AccountId, settings.QueuedMax - 1))
                {
                    return new Error(
                        ErrorCode.TooMuchKept, $"{settings.QueuedMax} Commands of the account are queued. Wait until some have been sent.")
                    {
                        RetryAfter = (int)FullAgain.TotalSeconds,
                    };
                }
                await JobQueue.PutAsync(session, sim.OrgId, JobKind.Command, command.Id, Lane.Commands, command.UpdatedAt,
                    command.UpdatedAt, carriers.Budget(sim.Provider));
                return null;
            });
        if (accepted.Error is null)
            budget.Add(accepted.Value.AccountId, Tally.RowBytes + accepted.Value.Body.Length);
        return accepted;
    }

    /// <summary>Accepts a device's Command: it is stored, and told to the followers.</summary>
    public Task<Result<Command>> FromSimAsync(Command draft, FindSim which) =>
        AcceptAsync(draft with { Direction = CommandDirection.FromSim, Status = CommandStatus.Received }, which,
            async (session, sim, command, wake) =>
            {
                var until = command.CreatedAt + settings.Keep;
                await JobQueue.PutAsync(session, sim.OrgId, JobKind.Command, command.Id, Lane.Commands, command.UpdatedAt,
                    until);
                foreach (var follower in followers)
                    await follower.ChangedAsync(session, new CommandChange(command, sim, null, null, wake));
                return null;
            });

    private async Task<Result<Command>> AcceptAsync(
        Command draft, FindSim which, Func<Session, Sim, Command, HashSet<Lane>, ValueTask<Error?>> file)
    {
        var accepted = draft;
        var wake = new HashSet<Lane>();
        var counted = await change.RunAsync(which, async (session, sim, _) =>
        {
            wake.Clear();
            var plan = sim.RatePlanId is { } planId
                ? await session.OneAsync(RatePlanSql.ById, RatePlanTable.Rows.Read, sim.OrgId, planId)
                : null;
            if (CommandRules.Blocked(sim, plan) is { } blocked)
                return blocked;
            var now = clock.Now;
            accepted = draft with { OrgId = sim.OrgId, Id = ids.Next(now), AccountId = sim.AccountId, SimId = sim.Id, UpdatedAt = now };
            if (await file(session, sim, accepted, wake) is { } refused)
                return refused;
            await session.ExecuteAsync(CommandSql.Insert, CommandTable.Rows.Values(accepted));
            await TakeUsage.CountCommandAsync(session, sim, accepted.Direction == CommandDirection.ToSim, now);
            return new SimInput.Used(0, 1);
        });
        if (counted.Error is { } error)
            return error;
        jobs.Wake(Lane.Commands);
        foreach (var lane in wake)
            jobs.Wake(lane);
        return accepted;
    }
}
