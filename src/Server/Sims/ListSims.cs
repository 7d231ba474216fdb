using System.Collections.Concurrent;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>Lists SIMs by keyset, at the same cost at any depth.</summary>
internal sealed class ListSims(Database database)
{
    /// <summary>The most providers that one list can ask for.</summary>
    public const int ProvidersMax = 50;

    private readonly ConcurrentDictionary<string, Sql> _statements = new(StringComparer.Ordinal);

    public ValueTask<Page<Sim>> RunAsync(SimQuery query) => database.ReadAsync(session => RunAsync(session, query));

    public ValueTask<Page<Sim>> RunAsync(Session session, SimQuery query) => Page<Sim>.ReadAsync(query.After, query.Before, query.Limit,
        (cursor, newer, limit) => FetchAsync(session, query, cursor, newer, limit), sim => sim.Id);

    private async ValueTask<List<Sim>> FetchAsync(Session session, SimQuery query, Guid cursor, bool newer, int limit)
    {
        var (text, values) = SimListSql.Build(query, newer);
        var sql = _statements.GetOrAdd(text, static text => new Sql(text));
        values["@cursor"] = cursor;
        values["@limit"] = limit;
        return await session.ListAsync(sql, SimTable.Rows.Read, [.. sql.Parameters.Select(name => values[name])]);
    }
}
