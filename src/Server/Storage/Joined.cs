namespace Simkeeper.Server.Storage;

/// <summary>
/// Columns of other tables that a statement of another feature reads as well. They cost no statement of their own, and that feature need
/// not know what they are.
/// </summary>
/// <param name="Columns">The columns, each with the name that its table has in the joins.</param>
/// <param name="Joins">The joins, all outer: the statement's own rows must not depend on them.</param>
/// <param name="Read">Reads the columns of a row, given the place of the first. Null: nothing was joined to the row.</param>
internal sealed record Joined(IReadOnlyList<string> Columns, string Joins, Func<Row, int, object?> Read);
