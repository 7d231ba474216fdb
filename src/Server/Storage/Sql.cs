using System.Data.Common;
using System.Text.RegularExpressions;

namespace Simkeeper.Server.Storage;

/// <summary>
/// One SQL statement, written once in the subset that SQLite and PostgreSQL share. Values are given in the order in which the
/// parameters first appear. Prepared once per connection; keep statements in static fields.
/// </summary>
internal sealed partial class Sql
{
    /// <param name="text">The statement, with <c>@name</c> parameters.</param>
    public Sql(string text)
    {
        Text = text;
        Parameters = [.. ParameterName().Matches(text).Select(match => match.Value).Distinct()];
    }

    public string Text { get; }

    public IReadOnlyList<string> Parameters { get; }

    [GeneratedRegex("@[a-z_0-9]+")]
    private static partial Regex ParameterName();
}

/// <summary>A row of a result, read by ordinal.</summary>
internal readonly struct Row(DbDataReader reader, SqlDialect dialect)
{
    public Guid Id(int column) => dialect.ReadId(reader, column);

    public Guid? IdOrNull(int column) => dialect.IsNull(reader, column) ? null : Id(column);

    public string Text(int column) => dialect.ReadText(reader, column);

    public string? TextOrNull(int column) => dialect.IsNull(reader, column) ? null : Text(column);

    public long Number(int column) => dialect.ReadNumber(reader, column);

    public long? NumberOrNull(int column) => dialect.IsNull(reader, column) ? null : Number(column);

    public bool Flag(int column) => Number(column) != 0;

    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Number(column));

    public DateTimeOffset? TimeOrNull(int column) => dialect.IsNull(reader, column) ? null : Time(column);

    public byte[] Bytes(int column) => reader.GetFieldValue<byte[]>(column);

    public byte[]? BytesOrNull(int column) => dialect.IsNull(reader, column) ? null : Bytes(column);
}

/// <summary>What truly differs between the stores.</summary>
internal abstract class SqlDialect
{
    /// <summary>How a parameter's value is handed to the driver: ids, times and flags have a form of their own.</summary>
    public abstract object Bind(object? value);

    public abstract Guid ReadId(DbDataReader reader, int column);

    public virtual bool IsNull(DbDataReader reader, int column) => reader.IsDBNull(column);

    public virtual string ReadText(DbDataReader reader, int column) => reader.GetString(column);

    public virtual long ReadNumber(DbDataReader reader, int column) => reader.GetInt64(column);

    /// <summary>A migration's text with its tokens filled in.</summary>
    public abstract string Migration(string text);
}
