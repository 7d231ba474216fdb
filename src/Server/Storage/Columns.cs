using Simkeeper.Core;

namespace Simkeeper.Server.Storage;

/// <summary>
/// The columns of a table, which its map visits one after another. When a row is read, each method ignores the value that it is given and
/// takes the column from the row. When a row is written, each method keeps the value and gives it back.
/// </summary>
internal sealed class Columns
{
    /// <summary>Says of a column that an update leaves it as it is. The columns of the key are fixed anyway.</summary>
    public const bool Fixed = true;

    public const string VersionName = "version";

    private readonly Row? _row;
    private readonly List<Column>? _found;
    private readonly object?[] _values = [];
    private readonly int[] _places = [];
    private int _next;

    /// <summary>Reads a row; see <see cref="From"/>.</summary>
    public Columns(Row row) => _row = row;

    /// <summary>Learns which columns there are.</summary>
    public Columns(List<Column> found) => _found = found;

    /// <summary>Writes a row.</summary>
    /// <param name="values">Takes the values.</param>
    /// <param name="places">The place of each column among them; -1: it is not written.</param>
    public Columns(object?[] values, int[] places) => (_values, _places) = (values, places);

    /// <summary>Goes to the column of the row that is the first of the table.</summary>
    public Columns From(int first)
    {
        _next = first;
        return this;
    }

    public Guid Id(string name, Guid value, bool isFixed = false) =>
        _row is null ? Keep(name, value, isFixed) : _row.Id(_next++);

    public Guid? IdOrNull(string name, Guid? value, bool isFixed = false) =>
        _row is null ? Keep(name, value, isFixed) : _row.IdOrNull(_next++);

    public string Text(string name, string value, bool isFixed = false) =>
        _row is null ? Keep(name, value, isFixed) : _row.Text(_next++);

    public string? TextOrNull(string name, string? value, bool isFixed = false) =>
        _row is null ? Keep(name, value, isFixed) : _row.TextOrNull(_next++);

    public long Number(string name, long value, bool isFixed = false) =>
        _row is null ? Keep(name, value, isFixed) : _row.Number(_next++);

    public long? NumberOrNull(string name, long? value, bool isFixed = false) =>
        _row is null ? Keep(name, value, isFixed) : _row.NumberOrNull(_next++);

    public int Number(string name, int value, bool isFixed = false) =>
        _row is null ? Keep(name, value, isFixed) : (int)_row.Number(_next++);

    public bool Flag(string name, bool value, bool isFixed = false) =>
        _row is null ? Keep(name, value, isFixed) : _row.Flag(_next++);

    public DateTimeOffset Time(string name, DateTimeOffset value, bool isFixed = false) =>
        _row is null ? Keep(name, value, isFixed) : _row.Time(_next++);

    public DateTimeOffset? TimeOrNull(string name, DateTimeOffset? value, bool isFixed = false) =>
        _row is null ? Keep(name, value, isFixed) : _row.TimeOrNull(_next++);

    public byte[] Bytes(string name, byte[] value, bool isFixed = false) =>
        _row is null ? Keep(name, value, isFixed) : _row.Bytes(_next++);

    public byte[]? BytesOrNull(string name, byte[]? value, bool isFixed = false) =>
        _row is null ? Keep(name, value, isFixed) : _row.BytesOrNull(_next++);

    /// <summary>The version that the row was read with. An update names it, and counts it up.</summary>
    public long Version(long value) => Number(VersionName, value, Fixed);

    public T Word<T>(string name, T value, Words<T> words, bool isFixed = false)
        where T : struct, Enum
    {
        if (_row is not null)
            return words.Read(_row.Text(_next++));
        if (Place(name, isFixed) is >= 0 and var place)
            _values[place] = words.Write(value);
        return value;
    }

    public T? WordOrNull<T>(string name, T? value, Words<T> words, bool isFixed = false)
        where T : struct, Enum
    {
        if (_row is not null)
            return _row.TextOrNull(_next++) is { } word ? words.Read(word) : null;
        if (Place(name, isFixed) is >= 0 and var place)
            _values[place] = value is { } given ? words.Write(given) : null;
        return value;
    }

    /// <summary>A value that is stored as text, or null. Its text is made only when it is written.</summary>
    /// <param name="source">What the text is made of.</param>
    public T Text<TSource, T>(
        string name, TSource source, Func<TSource, string?> write, Func<string?, T> read, bool isFixed = false)
    {
        if (_row is not null)
            return read(_row.TextOrNull(_next++));
        if (Place(name, isFixed) is >= 0 and var place)
            _values[place] = write(source);
        return default!;
    }

    private T Keep<T>(string name, T value, bool isFixed)
    {
        if (Place(name, isFixed) is >= 0 and var place)
            _values[place] = value;
        return value;
    }

    /// <summary>The place for the value of the next column; -1: none.</summary>
    private int Place(string name, bool isFixed)
    {
        if (_found is null)
            return _places[_next++];
        _found.Add(new Column(name, isFixed));
        return -1;
    }
}

/// <summary>A column, as a map names it.</summary>
internal readonly record struct Column(string Name, bool IsFixed);
