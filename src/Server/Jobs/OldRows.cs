using Simkeeper.Server.Clock;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Jobs;

/// <summary>The old rows of one table.</summary>
/// <param name="sql">The statements.</param>
/// <param name="keep">The time for which rows are kept, by the clock of SIMs.</param>
/// <param name="states">The states of rows that have ended; empty: any row may go.</param>
/// <param name="along">Removes what belongs to rows from <c>@first</c> to <c>@last</c> that are gone; null: nothing does.</param>
internal sealed class OldRows(OldRowsSql sql, SimClock clock, TimeSpan keep, string[] states, Sql? along) : IOldRows
{
    /// <summary>The values of the state to look for, one after the other.</summary>
    private readonly object[][] _states = states.Length == 0 ? [[]] : [.. states.Select(state => new object[] { state })];

    private object Before => sql.At(clock.Now - keep);

    public async ValueTask<List<Guid>> OrgsAsync(Session session)
    {
        var orgs = new HashSet<Guid>();
        foreach (var state in _states)
            orgs.UnionWith(await session.ListAsync(sql.Orgs, static row => row.Id(0), [.. state, Before]));
        return [.. orgs];
    }

    public async ValueTask<bool> RemoveAsync(Session session, Guid orgId)
    {
        var more = false;
        foreach (var state in _states)
            more |= await Retention.RemoveAsync(session, sql.Oldest, sql.Remove, sql.Read, [orgId, .. state], Before, along);
        return more;
    }
}
