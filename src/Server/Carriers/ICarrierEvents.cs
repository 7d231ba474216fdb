using Simkeeper.Core;
using Simkeeper.Core.Commands;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;

namespace Simkeeper.Server.Carriers;

/// <summary>
/// Takes messages that networks send by themselves. A message is durable when the task ends, so the adapter may then confirm it to its
/// peer. An error is for the peer: nothing was taken, and sending it again will not help. An exception says that the store is away: the
/// peer is to send it again.
/// </summary>
internal interface ICarrierEvents
{
    /// <summary>The device has a Command, or will not get it. Safe to repeat.</summary>
    /// <param name="commandId">The key of the call that sent it.</param>
    /// <param name="outcome"><see cref="CarrierAnswer.Done"/> or <see cref="CarrierAnswer.Refused"/>.</param>
    Task<Error?> ReceiptAsync(Guid commandId, CarrierAnswer outcome);

    /// <summary>A device has sent a message. Each call is a message of its own.</summary>
    /// <param name="body">The text, or the bytes as Base64, as in <see cref="Command.Body"/>.</param>
    Task<Error?> FromDeviceAsync(SimName sim, CommandMode mode, string body);

    /// <summary>Data sessions have gone on. Safe to repeat.</summary>
    /// <returns>The index of each report that was not taken, with the reason.</returns>
    Task<List<(int Index, Error Error)>> UsageAsync(IReadOnlyList<NamedReport> reports);

    /// <summary>The state of an eSIM profile on its device has changed. Safe to repeat.</summary>
    /// <param name="at">The time of the change.</param>
    Task<Error?> ProfileAsync(SimName sim, ProfileStatus status, DateTimeOffset at);
}
