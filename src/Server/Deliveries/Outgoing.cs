namespace Simkeeper.Server.Deliveries;

/// <summary>A delivery with the columns its messenger needs: keys, sealed as in the store, and other data for its request.</summary>
/// <param name="Url">The whole URL, with what is secret in it: it is sealed in the store.</param>
/// <param name="ReadAlong">The row of <see cref="IMessenger.ReadsAlong"/>; null: there was none.</param>
internal sealed record Outgoing(Delivery Delivery, string Url, object? ReadAlong);
