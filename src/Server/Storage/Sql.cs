using System.Text.RegularExpressions;

namespace Simkeeper.Server.Storage;

/// <summary>
/// One SQL statement, written once in the subset that SQLite and PostgreSQL share. Values are given in the order in which the parameters
/// first appear. It is prepared once per connection, so keep statements in static fields.
/// </summary>
internal sealed partial class Sql
{
    /// <summary>Ends a claim's selection: skips the rows that another server is claiming.</summary>
    public const string SkipLocked = "{skip locked}";

    /// <summary>
    /// Ends a selection: an exclusive lock that waits for sharers. Until this transaction ends, nobody else changes or locks the row. The
    /// embedded store's transactions run one after the other anyway.
    /// </summary>
    public const string Held = "{held}";

    /// <summary>Ends a selection: a shared lock. Others may share the row, but nobody changes it until this transaction ends.</summary>
    public const string Shared = "{shared}";

    /// <summary>Follows a table's name: the index by which it is read. Only the embedded store needs to be told.</summary>
    public static string By(string index) => $"{{by {index}}}";

    /// <param name="text">The statement, with <c>@name</c> parameters.</param>
    public Sql(string text)
    {
        Text = text;
        IsRead = text.StartsWith("select", StringComparison.Ordinal)
            && !new[] { SkipLocked, Held, Shared }.Any(holds => text.Contains(holds, StringComparison.Ordinal));
        Parameters = [.. ParameterName().Matches(text).Select(match => match.Value).Distinct()];
    }

    public string Text { get; }

    public IReadOnlyList<string> Parameters { get; }

    /// <summary>True if it only reads, and locks no row until the transaction's end.</summary>
    public bool IsRead { get; }

    /// <summary>The text with $1, $2, … for its parameters.</summary>
    public string NumberParameters(string text)
    {
        var numbers = Parameters.Index().ToDictionary(parameter => parameter.Item, parameter => $"${parameter.Index + 1}");
        return ParameterName().Replace(text, match => numbers[match.Value]);
    }

    /// <summary>The text with this in place of <see cref="By"/>; <c>$1</c> is the index.</summary>
    public string WithIndexes(string replacement) => Indexes().Replace(Text, replacement);

    [GeneratedRegex(@" ?\{by (\w+)\}")]
    private static partial Regex Indexes();

    [GeneratedRegex("@[a-z_0-9]+")]
    private static partial Regex ParameterName();
}

/// <summary>A row of a result, read by ordinal. One object serves every row; it holds no row after the last.</summary>
internal abstract class Row
{
    private static readonly long
        FirstTime = DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), LastTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private Columns? _columns;

    /// <summary>The columns of a table, from this one on, for its map to read.</summary>
    public Columns From(int first) => (_columns ??= new Columns(this)).From(first);

    public abstract Guid? IdOrNull(int column);

    public abstract string? TextOrNull(int column);

    public abstract long? NumberOrNull(int column);

    public abstract byte[]? BytesOrNull(int column);

    public Guid Id(int column) => IdOrNull(column) ?? throw IsNull(column);

    public string Text(int column) => TextOrNull(column) ?? throw IsNull(column);

    public long Number(int column) => NumberOrNull(column) ?? throw IsNull(column);

    public byte[] Bytes(int column) => BytesOrNull(column) ?? throw IsNull(column);

    public bool Flag(int column) => Number(column) != 0;

    /// <summary>A time. One that lies beyond all times is the first or the last one.</summary>
    public DateTimeOffset Time(int column) => Time(Number(column));

    public DateTimeOffset? TimeOrNull(int column) => NumberOrNull(column) is { } milliseconds ? Time(milliseconds) : null;

    private static DateTimeOffset Time(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, FirstTime, LastTime));

    private static InvalidCastException IsNull(int column) => new($"Column {column} is null.");
}
