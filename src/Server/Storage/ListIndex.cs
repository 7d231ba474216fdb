namespace Simkeeper.Server.Storage;

/// <summary>
/// An index whose last column is the id, and the statements that list by it: the rows with given values in its other columns, in the order
/// of their ids. The values and the id are compared as one row, and the order names all columns. So no other index has the order, and a
/// planner takes this one without knowing anything of the values.
/// </summary>
/// <param name="name">The name of the index; empty: the primary key.</param>
/// <param name="table">The table.</param>
/// <param name="columns">What is read of a row, with commas between.</param>
/// <param name="by">The columns between the org and the id, with commas between; empty: none.</param>
/// <param name="condition">The condition of a partial index; empty: it has every row.</param>
/// <param name="tested">A condition that each row is tested for besides, with the parameters of its own; empty: none.</param>
/// <param name="id">The column of the id.</param>
internal sealed class ListIndex(
    string name, string table, string columns, string by, string condition = "", string tested = "", string id = "id")
{
    /// <summary>Whole rows. Takes the org, the values, <c>@lower</c>, <c>@upper</c>, what is tested, and <c>@limit</c>.</summary>
    private readonly Sql _older = Text(From(name, table), columns, by, condition, tested, id, newer: false),
        _newer = Text(From(name, table), columns, by, condition, tested, id, newer: true);

    /// <summary>Only ids; nothing else is tested.</summary>
    private readonly Sql _olderIds = Text(From(name, table), id, by, condition, "", id, newer: false),
        _newerIds = Text(From(name, table), id, by, condition, "", id, newer: true);

    private readonly Sql _olderEnd = Text(From(name, table), id, by, condition, "", id, newer: false, "1 offset @limit"),
        _newerEnd = Text(From(name, table), id, by, condition, "", id, newer: true, "1 offset @limit");

    /// <summary>The name of the index; empty: the primary key.</summary>
    public string Name => name;

    /// <summary>Every statement.</summary>
    public IEnumerable<Sql> Statements => [_older, _newer, _olderIds, _newerIds, _olderEnd, _newerEnd];

    /// <summary>
    /// Reads rows between two ids, nearest first. It takes the org, the values, <c>@lower</c>, <c>@upper</c>, the values that are tested,
    /// and <c>@limit</c>.
    /// </summary>
    public Sql Rows(bool newer) => newer ? _newer : _older;

    /// <summary>Reads ids. Nothing is tested.</summary>
    public Sql Ids(bool newer) => newer ? _newerIds : _olderIds;

    /// <summary>Reads the id that comes after <c>@limit</c> others. Nothing is tested.</summary>
    public Sql End(bool newer) => newer ? _newerEnd : _olderEnd;

    private static Sql Text(
        string from, string columns, string by, string condition, string tested, string id, bool newer, string limit = "@limit")
    {
        string[] values = by.Split(", ", StringSplitOptions.RemoveEmptyEntries);
        string Row(string bound) => values.Length == 0 ? bound : $"({string.Join(", ", values.Select(value => "@" + value))}, {bound})";
        var row = values.Length == 0 ? id : $"({by}, {id})";
        var order = string.Join(", ", values.Append(id).Select(column => newer ? column : column + " desc"));
        return new Sql($"""
            select {columns} from {from}
            where org_id = @org_id{And(condition)} and {row} > {Row("@lower")} and {row} < {Row("@upper")}{And(tested)}
            order by {order} limit {limit}
            """);
    }

    private static string From(string name, string table) => name.Length == 0 ? table : $"{table} {Sql.By(name)}";

    private static string And(string condition) => condition.Length == 0 ? "" : " and " + condition;
}
