using System.Data.Common;
using Simkeeper.Core;

namespace Simkeeper.Server.Storage;

/// <summary>A row of a list: its id and, unless the row is broken, what was read of it.</summary>
internal readonly record struct Kept<T>(Guid Id, T? Row) where T : class;

/// <summary>
/// Lets a list go on at a row that cannot be read: one with an unknown word or broken JSON, which this program did not write. Such a row is
/// left out, and the log names it once.
/// </summary>
internal sealed class BrokenRows(ILogger log)
{
    /// <summary>The number of broken rows that are remembered, so that the log names each once.</summary>
    private const int NamedMax = 10_000;

    private readonly Recent<(string Table, Guid Id)> _named = new(NamedMax);
    private readonly Lock _lock = new();

    /// <summary>Reads the rows of a list whose columns begin with <c>org_id</c> and <c>id</c>.</summary>
    public Func<Row, Kept<T>> Of<T>(string table, Func<Row, T> read) where T : class => row =>
    {
        var id = row.Id(1);
        return new(id, Try(table, id, () => read(row)));
    };

    /// <summary>Makes something of a row; null: the row is broken.</summary>
    public T? Try<T>(string table, Guid id, Func<T> make) where T : class
    {
        try
        {
            return make();
        }
        catch (Exception e) when (e is not (DbException or OperationCanceledException or StoreAwayException or LostRaceException))
        {
            bool isFirst;
            lock (_lock)
                isFirst = _named.Add((table, id));
            if (isFirst)
                log.LogError("The row {Id} of the table {Table} is broken ({Why}). Lists leave it out.", id, table, e.GetType().Name);
            return null;
        }
    }
}
