using Simkeeper.Core.Commands;
using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Operations;

/// <summary>The place of a call among the calls for one wish.</summary>
public enum CallStep
{
    /// <summary>The carrier makes the change. Earlier calls, if there were any, have had no effect.</summary>
    First,

    /// <summary>
    /// The carrier is working on it and reports its progress. A carrier that does not know the key makes the change, as if it were the
    /// first call.
    /// </summary>
    Poll,

    /// <summary>The last answer was lost: the carrier reads the real state, and makes the change if it is not in effect.</summary>
    ReadBack,
}

/// <summary>One question to a carrier: the SIM, the wish, and what the carrier may know of it already.</summary>
public sealed record CarrierCall
{
    private readonly Line _line = new();

    private CarrierCall(Sim sim, Wish wish, Guid key, int attempt, CallStep step, DateTimeOffset now) =>
        (Sim, Wish, Key, Attempt, Step, Now) = (sim, wish, key, attempt, step, now);

    /// <summary>The SIM as it is.</summary>
    public Sim Sim { get; }

    public Wish Wish { get; }

    /// <summary>
    /// The idempotency key: the id of the operation, the Command or the SIM. A carrier that is asked twice with one key acts once.
    /// </summary>
    public Guid Key { get; }

    /// <summary>Counts the attempts with this key, from 1. An attempt that found the carrier away made no call.</summary>
    public int Attempt { get; }

    public CallStep Step { get; }

    /// <summary>SIM-clock time of the call.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>A call for an operation.</summary>
    /// <param name="access">The access that holds once the operation is done.</param>
    public static CarrierCall For(Operation operation, Sim sim, Access access, DateTimeOffset now) => new(
        sim, operation.Kind switch
        {
            OperationKind.Status => new Wish.ToStatus(operation.Wanted!.Value, access),
            OperationKind.Reset => new Wish.ResetConnection(access),
        },
        operation.Id, operation.Attempts + 1, operation.NextStep, now);

    /// <summary>
    /// A call for a Command. A Command that is <c>sent</c> is polled; one that is <c>queued</c> is sent, always with the same key.
    /// </summary>
    public static CarrierCall For(Command command, Sim sim, DateTimeOffset now) => new(
        sim, new Wish.SendCommand(command), command.Id, command.Attempts + 1,
        command.Status == CommandStatus.Sent ? CallStep.Poll : CallStep.First, now);

    /// <summary>A call for a SIM's data. It gives the whole state each time, so it is always a first call.</summary>
    public static CarrierCall ForData(Sim sim, Access access, int attempts, DateTimeOffset now) =>
        new(sim, new Wish.LimitData(access), sim.Id, attempts + 1, CallStep.First, now);

    /// <summary>An adapter calls this right before it sends the first byte, and before each later one that changes something.</summary>
    /// <exception cref="OperationCanceledException">
    /// The call is over, or another worker has its job: nothing may go out any more.
    /// </exception>
    public void Sending(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (!_line.TrySend())
            throw new OperationCanceledException("The call is over.");
    }

    /// <summary>Ends the call: nothing goes out any more. True if something has gone out already.</summary>
    public bool Close() => _line.Close();

    /// <summary>Knows whether bytes have gone out, and lets none go out once the call is over.</summary>
    private sealed class Line
    {
        private const int Waiting = 0, Sent = 1, Closed = 2;
        private int _state;

        public bool TrySend() => Interlocked.CompareExchange(ref _state, Sent, Waiting) != Closed;

        public bool Close() => Interlocked.Exchange(ref _state, Closed) == Sent;
    }
}
