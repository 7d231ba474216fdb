namespace Simkeeper.Server.Sims;

/// <summary>The bytes that a change adds to what is kept: its event, and the messages that its followers write.</summary>
internal sealed class Tally
{
    /// <summary>Bytes of a row of events or deliveries besides its text: ids, indexes, and the attempts of a delivery.</summary>
    public const int RowBytes = 400;

    public long Bytes { get; private set; }

    /// <summary>Counts a row with a text of this many bytes.</summary>
    public void Add(int textBytes) => Bytes += RowBytes + textBytes;
}
