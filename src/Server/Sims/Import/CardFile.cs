using Simkeeper.Core;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Sims.Import;

/// <summary>A line of a vendor's file that was not taken: where it starts, its ICCID if it was legible, the column, and why.</summary>
internal sealed record Refusal(int Line, string? Iccid, string? Field, string Reason)
{
    private const int MaxShownIccid = 22;

    public static Refusal Of(ImportRow row, Error error) => new(row.Line, Shown(row[ImportColumn.Iccid]), error.Field, error.Message);

    /// <summary>The text if it starts like an ICCID. In a row that slipped by a column it could be a key of the card.</summary>
    public static string? Shown(string? iccid) =>
        iccid is { Length: <= MaxShownIccid } && iccid.StartsWith("89", StringComparison.Ordinal)
            && iccid.All(c => char.IsAsciiDigit(c) || c is 'F' or 'f')
            ? iccid
            : null;
}

/// <summary>The result of one line of a file: a row, or a refusal.</summary>
internal readonly record struct CardLine(ImportRow? Row, Refusal? Refusal);

/// <summary>A vendor's file whose head has been read and whose cards are read as they stream in, once, in constant memory.</summary>
internal abstract class CardFile(CardHeader header)
{
    public ImportColumns Columns => header.Columns;

    /// <summary>The columns nobody here knows, for the caller to name once. Keys of the card are not among them.</summary>
    public IReadOnlyList<string> UnknownColumns => header.UnknownColumns;

    protected CardHeader Header => header;

    public abstract IAsyncEnumerable<CardLine> ReadAsync(CancellationToken cancellation);
}
