using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>
/// Makes the HTTP requests of one dialect's messages, and writes the effects of attempts. Each dialect that sends registers its own.
/// </summary>
internal interface IMessenger
{
    /// <summary>The dialect's name, stored with its deliveries and with the callbacks given in it.</summary>
    string Dialect { get; }

    /// <summary>
    /// The columns that it needs to send a delivery, <c>d</c>, of an account, <c>a</c>. They are read together with the delivery, at most
    /// one row for each. Deliveries of other dialects have none.
    /// </summary>
    Joined ReadsAlong { get; }

    /// <summary>Adds headers and body to a request whose method and URL are set.</summary>
    /// <param name="at">Wall clock: receivers refuse a time that is minutes off theirs.</param>
    void Write(HttpRequestMessage request, Outgoing outgoing, DateTimeOffset at);

    /// <summary>The reason why a delivery must not be sent; null: it may be sent.</summary>
    string? Hindrance(Outgoing outgoing) => null;

    DeliveryPolicy PolicyOf(Delivery delivery);

    /// <summary>The token by which a receiver recognises the same message, however often it is sent.</summary>
    string Token(Delivery delivery);

    /// <summary>The public type of the event that the message tells of; null: it tells of no event.</summary>
    string? EventType(Delivery delivery) => null;

    /// <summary>The whole URL of a message that is sent again to another receiver.</summary>
    string Elsewhere(Outgoing outgoing, string to);

    /// <summary>True if later deliveries of the SIM to this endpoint wait for this one to end.</summary>
    bool IsAwaited(Outgoing outgoing) => false;

    /// <summary>True if the attempt changes more than its delivery: <see cref="AttemptedAsync"/> is to be called.</summary>
    bool Notes(Outgoing outgoing, DeliveryState state) => false;

    /// <summary>Writes the other changes of an attempt, in the transaction that records it.</summary>
    ValueTask AttemptedAsync(Session session, Outgoing outgoing, DeliveryState state) => ValueTask.CompletedTask;
}
