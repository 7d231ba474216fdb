using Simkeeper.Core.Operations;

namespace Simkeeper.Server.Carriers;

/// <summary>An upstream network behind an adapter.</summary>
internal interface ICarrier : IAsyncDisposable
{
    /// <summary>The kind of its entry in the settings.</summary>
    string Kind { get; }

    Capabilities Capabilities { get; }

    CarrierHealth Health { get; }

    /// <summary>
    /// True if the carrier only accepts a first call and answers when it is polled. A sandbox's refusals then come at the poll too.
    /// </summary>
    bool AnswersLater => false;

    /// <summary>Begins to connect, and returns at once: a network that is away does not keep the server from starting.</summary>
    /// <param name="events">Takes the network's own messages, from now until the carrier is disposed.</param>
    void Start(ICarrierEvents events);

    /// <summary>Fulfils a wish, or reports its progress. It is never asked for a wish that its capabilities lack.</summary>
    /// <param name="call">Its <see cref="CarrierCall.Sending"/> is called right before the first byte goes out.</param>
    /// <param name="stop">Ends the call: its time is over, its job has gone to another worker, or the server stops.</param>
    /// <returns>The answer. An exception counts as <see cref="CarrierAnswer.Unknown"/>.</returns>
    Task<CarrierAnswer> ApplyAsync(CarrierCall call, CancellationToken stop);
}
