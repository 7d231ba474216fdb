using Simkeeper.Core.Commands;
using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Operations;

/// <summary>A wish to a carrier. Closed: code that handles wishes names all of them, by <see cref="Match"/>.</summary>
public abstract record Wish
{
    private Wish()
    {
    }

    /// <summary>The capability that a carrier needs to fulfil it.</summary>
    public abstract Capabilities Needs { get; }

    /// <summary>Handles every kind of wish. A new kind is a new parameter, which fails the build until all callers handle it.</summary>
    public abstract T Match<T>(
        Func<ToStatus, T> status, Func<ResetConnection, T> reset, Func<SendCommand, T> command, Func<LimitData, T> data);

    /// <summary>The SIM gets this status.</summary>
    /// <param name="Status">The status wanted.</param>
    /// <param name="Access">The access that goes with it.</param>
    public sealed record ToStatus(SimStatus Status, Access Access) : Wish
    {
        public override Capabilities Needs => Capabilities.Statuses;

        public override T Match<T>(
            Func<ToStatus, T> status, Func<ResetConnection, T> reset, Func<SendCommand, T> command, Func<LimitData, T> data) =>
            status(this);
    }

    /// <summary>The SIM is detached and attached again.</summary>
    /// <param name="Access">The access that it has before and after.</param>
    public sealed record ResetConnection(Access Access) : Wish
    {
        public override Capabilities Needs => Capabilities.Reset;

        public override T Match<T>(
            Func<ToStatus, T> status, Func<ResetConnection, T> reset, Func<SendCommand, T> command, Func<LimitData, T> data) =>
            reset(this);
    }

    /// <summary>
    /// The SIM's device gets a message: <c>Message</c> of the Command. <see cref="CarrierAnswer.Pending"/> with a time says that the
    /// carrier has taken it, <see cref="CarrierAnswer.Done"/> that the device has it.
    /// </summary>
    public sealed record SendCommand(Command Command) : Wish
    {
        public override Capabilities Needs => Capabilities.Commands;

        public override T Match<T>(
            Func<ToStatus, T> status, Func<ResetConnection, T> reset, Func<SendCommand, T> command, Func<LimitData, T> data) =>
            command(this);
    }

    /// <summary>The SIM gets this access in its present status: its data was restricted or opened.</summary>
    /// <param name="Access">The access wanted.</param>
    public sealed record LimitData(Access Access) : Wish
    {
        public override Capabilities Needs => Capabilities.DataLimit;

        public override T Match<T>(
            Func<ToStatus, T> status, Func<ResetConnection, T> reset, Func<SendCommand, T> command, Func<LimitData, T> data) =>
            data(this);
    }
}
