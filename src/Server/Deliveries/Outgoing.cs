namespace Simkeeper.Server.Deliveries;

/// <summary>A delivery with what its messenger read along: keys, sealed as in the store, and what else its request needs.</summary>
/// <param name="ReadAlong">The row of <see cref="IMessenger.ReadsAlong"/>; null: there was none.</param>
internal sealed record Outgoing(Delivery Delivery, object? ReadAlong);
