using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>Makes the HTTP requests of one dialect's messages, and says what follows from attempts. Each dialect that sends registers its own.</summary>
internal interface IMessenger
{
    /// <summary>The name that its deliveries and the callbacks given in it bear.</summary>
    string Dialect { get; }

    /// <summary>
    /// The columns that it needs to send a delivery, <c>d</c>, of an account, <c>a</c>: they are read together with it, at most one row of
    /// them with each. Deliveries of other dialects have none.
    /// </summary>
    Joined ReadsAlong { get; }

    /// <summary>Adds headers and body to a request whose method and URL are set.</summary>
    /// <param name="at">Wall clock: receivers refuse a time that is minutes off theirs.</param>
    void Write(HttpRequestMessage request, Outgoing outgoing, DateTimeOffset at);

    /// <summary>The reason why it must not be sent; null: it may be.</summary>
    string? Hindrance(Outgoing outgoing) => null;

    DeliveryPolicy PolicyOf(Delivery delivery);

    /// <summary>The mark by which a receiver knows that it is the same message, however often it is sent.</summary>
    string Token(Delivery delivery);

    /// <summary>The public type of the event that it tells of; null: it is no event.</summary>
    string? EventType(Delivery delivery) => null;

    /// <summary>The URL of a message that is sent again to another receiver.</summary>
    string Elsewhere(Delivery delivery, string to);

    /// <summary>Later deliveries of the SIM to this endpoint wait for it to end.</summary>
    bool IsAwaited(Outgoing outgoing) => false;

    /// <summary>The attempt changes more than its delivery: <see cref="AttemptedAsync"/> is to be called.</summary>
    bool Notes(Outgoing outgoing, DeliveryState state) => false;

    /// <summary>Writes what an attempt changes beside its delivery, in the transaction that records it.</summary>
    ValueTask AttemptedAsync(Session session, Outgoing outgoing, DeliveryState state) => ValueTask.CompletedTask;
}
