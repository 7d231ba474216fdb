namespace Simkeeper.Server.Storage;

/// <summary>A table and the one map of its columns, from which its statements are made and its rows are read and written.</summary>
/// <typeparam name="T">A row.</typeparam>
internal sealed class Table<T>
{
    private readonly Func<Columns, T, T> _map;
    private readonly T _blank;
    private readonly string[] _key, _columns, _updated, _corrected;
    private readonly bool _hasVersion;
    private readonly int[] _insertPlaces, _updatePlaces, _correctPlaces;

    /// <param name="map">Visits every column, always in the same order, and makes a row of them. Its second argument is written.</param>
    /// <param name="blank">The row that the map is given when it reads.</param>
    /// <param name="key">The columns of the primary key.</param>
    /// <param name="kept">Columns that an update keeps, besides those that are fixed.</param>
    public Table(string name, Func<Columns, T, T> map, T blank, string key = "org_id, id", string kept = "")
    {
        var found = new List<Column>();
        map(new Columns(found), blank);
        (Name, _map, _blank) = (name, map, blank);
        _key = key.Split(", ");
        _columns = [.. found.Select(column => column.Name)];
        _updated = [.. found.Where(column => !column.IsFixed).Select(column => column.Name).Except(_key).Except(kept.Split(", "))];
        _corrected = [.. _columns.Except(_updated).Except(_key).Where(column => column != Storage.Columns.VersionName)];
        _hasVersion = _columns.Contains(Storage.Columns.VersionName);
        _insertPlaces = [.. Enumerable.Range(0, _columns.Length)];
        string[] parameters = [.. _updated, .. _key, .. _hasVersion ? [Storage.Columns.VersionName] : Array.Empty<string>()];
        _updatePlaces = [.. _columns.Select(column => Array.IndexOf(parameters, column))];
        string[] correcting = [.. _corrected, .. _key];
        _correctPlaces = [.. _columns.Select(column => Array.IndexOf(correcting, column))];
        Columns = string.Join(", ", _columns);
        Read = row => ReadAt(row, 0);
    }

    public string Name { get; }

    /// <summary>The names of all columns, with commas between them, in the order of the map.</summary>
    public string Columns { get; }

    /// <summary>The number of columns.</summary>
    public int Count => _columns.Length;

    /// <summary>Reads a row of a statement that selects all columns.</summary>
    public Func<Row, T> Read { get; }

    private string Key => string.Join(", ", _key);

    /// <summary>Reads a row whose columns begin with this one.</summary>
    public T ReadAt(Row row, int first) => _map(row.From(first), _blank);

    /// <summary>All columns, in a statement that has another name for the table.</summary>
    public string ColumnsOf(string alias) => List(_columns, column => $"{alias}.{column}");

    /// <summary>Selects all columns.</summary>
    /// <param name="rest">The statement from its <c>where</c> on.</param>
    public Sql Select(string rest) => new($"select {Columns} from {Name} {rest}");

    /// <summary>Inserts a row: takes <see cref="Values"/>.</summary>
    /// <param name="conflict">What happens if the row is there: an <c>on conflict</c>, or nothing, which is an error.</param>
    public Sql Insert(string conflict = "") =>
        new($"insert into {Name} ({Columns}) values ({List(_columns, column => "@" + column)}) {conflict}".TrimEnd());

    /// <summary>Inserts a row, or changes the one that is there to it, but for what is fixed: takes <see cref="Values"/>.</summary>
    public Sql Put() => Insert($"on conflict ({Key}) do update set {List(_updated, Equal)}");

    /// <summary>
    /// Inserts a row, or adds its numbers to those of the one that is there: takes <see cref="Values"/>. A sum that would run over is the
    /// largest or the smallest number.
    /// </summary>
    public Sql Add() => Insert($"on conflict ({Key}) do update set {List(_updated, column => $"{column} = {Added(column)}")}");

    /// <summary>
    /// Changes the row of this key, in all columns that are not fixed: takes <see cref="UpdateValues"/>. If the table has a version, the
    /// row must have the given one, and gets the next.
    /// </summary>
    /// <param name="condition">What else must hold of the row.</param>
    public Sql Update(string condition = "")
    {
        var (counted, expected) = _hasVersion ? (", version = version + 1", " and version = @version") : ("", "");
        var isRow = string.Join(" and ", _key.Select(Equal));
        return new($"update {Name} set {List(_updated, Equal)}{counted} where {isRow}{expected} {condition}".TrimEnd());
    }

    /// <summary>Changes what is fixed in the row of this key: takes <see cref="CorrectValues"/>. An update goes before it.</summary>
    public Sql Correct() =>
        new($"update {Name} set {List(_corrected, Equal)} where {string.Join(" and ", _key.Select(Equal))}");

    /// <summary>The values of <see cref="Insert"/>.</summary>
    public object?[] Values(T row) => Write(row, _insertPlaces, _columns.Length);

    /// <summary>The values of <see cref="Update"/>.</summary>
    public object?[] UpdateValues(T row) => Write(row, _updatePlaces, _updated.Length + _key.Length + (_hasVersion ? 1 : 0));

    /// <summary>The values of <see cref="Correct"/>.</summary>
    public object?[] CorrectValues(T row) => Write(row, _correctPlaces, _corrected.Length + _key.Length);

    private object?[] Write(T row, int[] places, int count)
    {
        var values = new object?[count];
        _map(new Columns(values, places), row);
        return values;
    }

    /// <summary>Each branch is computed only if it is taken: no difference here runs over.</summary>
    private string Added(string column) => $"""
        case when @{column} > 0
          then case when {Name}.{column} > {long.MaxValue} - @{column} then {long.MaxValue} else {Name}.{column} + @{column} end
          else case when {Name}.{column} < -{long.MaxValue} - @{column} then -{long.MaxValue} else {Name}.{column} + @{column} end end
        """;

    private static string List(string[] columns, Func<string, string> write) => string.Join(", ", columns.Select(write));

    private static string Equal(string column) => $"{column} = @{column}";
}
