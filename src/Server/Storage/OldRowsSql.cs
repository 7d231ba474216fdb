using Simkeeper.Core;

namespace Simkeeper.Server.Storage;

/// <summary>The statements that remove the oldest rows of a table.</summary>
internal sealed class OldRowsSql
{
    /// <param name="table">The table.</param>
    /// <param name="age">The column by which rows get old: an id, or a time.</param>
    /// <param name="read">Reads that column.</param>
    /// <param name="at">The value of that column for a moment.</param>
    /// <param name="state">The column that says which rows have ended; empty: any row may go.</param>
    private OldRowsSql(string table, string age, Func<Row, object> read, Func<DateTimeOffset, object> at, string state)
    {
        var (ofOrg, which) = state.Length == 0 ? ("", "") : ($"t.{state} = @{state} and ", $"{state} = @{state} and ");
        Orgs = new Sql($"""
            select org_id from orgs o where exists (
              select 1 from {table} t where t.org_id = o.org_id and {ofOrg}t.{age} < @before)
            """);
        Oldest = new Sql($"""
            select {age} from {table} where org_id = @org_id and {which}{age} < @before order by {age} limit @limit {Sql.SkipLocked}
            """);
        Remove = new Sql($"delete from {table} where org_id = @org_id and {which}{age} between @first and @last");
        (Read, At) = (read, at);
    }

    /// <summary>Finds orgs that have any: one index probe per org. Takes the state, if there is one, and <c>@before</c>.</summary>
    public Sql Orgs { get; }

    /// <summary>Finds the oldest of an org, and skips those that another server is removing.</summary>
    public Sql Oldest { get; }

    /// <summary>Removes those from the first to the last that were found.</summary>
    public Sql Remove { get; }

    /// <summary>Reads the age of a row that <see cref="Oldest"/> found.</summary>
    public Func<Row, object> Read { get; }

    /// <summary>The age of what was made at a moment.</summary>
    public Func<DateTimeOffset, object> At { get; }

    /// <summary>Every statement.</summary>
    public IEnumerable<Sql> Statements => [Orgs, Oldest, Remove];

    /// <summary>Those of a table whose rows get old by their id.</summary>
    public static OldRowsSql ById(string table, string id = "id", string state = "") =>
        new(table, id, static row => row.Id(0), static moment => Ids.FirstOf(moment), state);

    /// <summary>Those of a table whose rows get old by a time.</summary>
    public static OldRowsSql ByTime(string table, string time) =>
        new(table, time, static row => row.Number(0), static moment => moment, "");
}
