using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Commands;

/// <summary>The Command after something happened to it, and the time to look at it again.</summary>
/// <param name="Command">The Command afterwards.</param>
/// <param name="Next">The time to look again; null once it has ended.</param>
/// <param name="ErrorCode">The reason why it failed, for its callback.</param>
/// <param name="ErrorMessage">The same reason in words, for a person.</param>
public sealed record CommandDecision(Command Command, DateTimeOffset? Next, int? ErrorCode = null, string? ErrorMessage = null);

/// <summary>The rules of a Command's life (Command page; error pages 33104, 33118, 33201, 33203). Pure.</summary>
public static class CommandRules
{
    /// <summary>Commands that may be queued for one Narrowband SIM (33118).</summary>
    public const int NarrowbandQueuedMax = 100;

    /// <summary>The code of a Command that was queued when its SIM's plan still allowed messaging.</summary>
    public const int MessagingNotAllowedCode = 33203;

    /// <summary>The code of a Command that was queued when its SIM could still connect.</summary>
    public const int NotConnectedCode = 33104;

    /// <summary>The code of a Command whose SIM is gone.</summary>
    public const int SimNotFoundCode = 33107;

    /// <summary>Says why this SIM cannot send or get Commands; null: it can.</summary>
    /// <param name="plan">The SIM's rate plan.</param>
    public static Error? Blocked(Sim sim, RatePlan? plan)
    {
        if (sim.Status is not (SimStatus.Ready or SimStatus.Active))
        {
            return new Error(ErrorCode.ConfigurationIncomplete,
                $"A SIM in status {sim.Status.ToWire()} is not connected; only a ready or active one can send and get Commands.", "Sim");
        }
        return plan is { MessagingEnabled: true }
            ? null
            : new Error(ErrorCode.NotAuthorized, "The SIM's RatePlan does not allow messaging. Give it one with MessagingEnabled.", "Sim");
    }

    /// <summary>Decides what follows from a carrier's answer.</summary>
    /// <param name="deadline">The time at which a Command that has not ended fails.</param>
    /// <param name="jitter">In [0, 1).</param>
    public static CommandDecision Answer(Command command, CarrierAnswer answer, DateTimeOffset now, DateTimeOffset deadline, double jitter)
    {
        var attempted = command with { Attempts = command.Attempts + 1 };
        return answer switch
        {
            CarrierAnswer.Done => Now(attempted, command.Receipt ? CommandStatus.Delivered : CommandStatus.Sent, null, now),
            CarrierAnswer.Refused refused => Fail(attempted, refused.Code ?? Lifecycle.RefusedCode, refused.Text, now),
            CarrierAnswer.Pending { Until: { } until } => Now(attempted, CommandStatus.Sent, Earlier(until, deadline), now),
            CarrierAnswer.Pending => new CommandDecision(attempted, deadline),
            CarrierAnswer.Unavailable or CarrierAnswer.Unknown =>
                new CommandDecision(attempted, Earlier(now + Backoff.After(attempted.Attempts, jitter), deadline)),
            _ => throw new ArgumentOutOfRangeException(nameof(answer)),
        };
    }

    /// <summary>Ends a Command that will not reach the device.</summary>
    public static CommandDecision Fail(Command command, int code, string text, DateTimeOffset now) =>
        new(command with { Status = CommandStatus.Failed, UpdatedAt = now }, null, code, text);

    private static CommandDecision Now(Command command, CommandStatus status, DateTimeOffset? next, DateTimeOffset now)
    {
        var after = command.Status == status ? command : command with { Status = status, UpdatedAt = now };
        return new CommandDecision(after, after.HasEnded ? null : next);
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
