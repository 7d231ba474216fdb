using Simkeeper.Core.Operations;

namespace Simkeeper.Server.Carriers;

/// <summary>An upstream network behind an adapter.</summary>
internal interface ICarrier : IAsyncDisposable
{
    /// <summary>The kind of its entry in the settings.</summary>
    string Kind { get; }

    Capabilities Capabilities { get; }

    CarrierHealth Health { get; }

    /// <summary>The carrier only takes a first call, and answers when it is polled. The refusals of a sandbox then come as late.</summary>
    bool AnswersLater => false;

    /// <summary>Begins to connect, and returns at once: a network that is away does not keep the server from starting.</summary>
    /// <param name="events">Takes what comes from the network by itself, from now until the carrier is disposed.</param>
    void Start(ICarrierEvents events);

    /// <summary>Makes it so, or says how it stands. It is asked for nothing that its capabilities lack.</summary>
    /// <param name="call">Its <see cref="CarrierCall.Sending"/> is called right before the first byte goes out.</param>
    /// <param name="stop">Ends the call: its time is over, its job has gone to another worker, or the server stops.</param>
    /// <returns>The answer. An exception counts as <see cref="CarrierAnswer.Unknown"/>.</returns>
    Task<CarrierAnswer> ApplyAsync(CarrierCall call, CancellationToken stop);
}
