using Simkeeper.Core;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Sims.Import;

/// <summary>A line of a vendor's file that was not taken: where it starts, its ICCID if it was legible, the column, and why.</summary>
internal sealed record Refusal(int Line, string? Iccid, string? Field, string Reason)
{
    private const int MinShownIccid = 18;
    private const int MaxShownIccid = 22;

    /// <summary>True if this is about the file and not about one of its cards.</summary>
    public bool IsOfFile { get; init; }

    public static Refusal Of(ImportRow row, Error error) => new(row.Line, Shown(row[ImportColumn.Iccid]), error.Field, error.Message);

    /// <summary>The text if it is an ICCID, or nearly. In a row that slipped by a column it could be a key of the card.</summary>
    public static string? Shown(string? iccid) =>
        iccid is { Length: >= MinShownIccid and <= MaxShownIccid } && iccid.StartsWith("89", StringComparison.Ordinal)
            && iccid.AsSpan().TrimEnd("Ff").ContainsAnyExceptInRange('0', '9') is false
            ? iccid
            : null;
}

/// <summary>The result of one line of a file: a row, or a refusal.</summary>
internal readonly record struct CardLine(ImportRow? Row, Refusal? Refusal);

/// <summary>A vendor's file whose head has been read and whose cards are read as they stream in, once, in constant memory.</summary>
internal abstract class CardFile(CardHeader header, int headerLine, char? delimiter)
{
    /// <summary>The meaning of the columns, as it was found.</summary>
    public ImportHeader Columns => header.Columns;

    /// <summary>The line that names the columns.</summary>
    public int HeaderLine => headerLine;

    /// <summary>The character between the fields; null: blanks.</summary>
    public char? Delimiter => delimiter;

    /// <summary>True if the caller should be told how the columns were read: not all of them were, or not as they are named.</summary>
    public bool NeedsWord =>
        Columns.Ignored.Count + Columns.Keys.Count > 0 || Columns.HasAliases || (headerLine != 1 && delimiter is not null);

    protected CardHeader Header => header;

    public abstract IAsyncEnumerable<CardLine> ReadAsync(CancellationToken cancellation);
}
