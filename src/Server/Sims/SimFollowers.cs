using Simkeeper.Core.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>All followers of SIMs, in the order of the features, and the statements that read a SIM with what one of them wants.</summary>
internal sealed class SimFollowers
{
    private readonly ISimFollower[] _all;
    private readonly Joined? _along;
    private readonly Dictionary<Sql, Sql> _toChange = [];

    /// <exception cref="InvalidOperationException">Two want rows read along: each would get those of the other again and again.</exception>
    public SimFollowers(IEnumerable<ISimFollower> all)
    {
        _all = [.. all];
        _along = _all.Select(follower => follower.ReadsAlong).SingleOrDefault(along => along is not null);
        if (_along is null)
            return;
        foreach (var alone in SimSql.Finders)
            _toChange.Add(alone, SimSql.With(alone, _along));
    }

    /// <summary>Reads the SIM that a finder finds, and what is read along, in one look.</summary>
    /// <param name="finder">One of <see cref="SimSql.Finders"/>.</param>
    public async ValueTask<(Sim? Sim, IReadOnlyList<object> Along)> ReadAsync(Session session, Sql finder, object?[] values)
    {
        if (_along is null)
            return (await session.OneAsync(finder, SimTable.Rows.Read, values), []);
        Sim? sim = null;
        var along = new List<object>();
        await session.ListAsync(_toChange[finder], row =>
        {
            sim ??= SimTable.Rows.Read(row);
            if (_along.Read(row, SimTable.Rows.Count) is { } joined)
                along.Add(joined);
            return true;
        }, values);
        return (sim, along);
    }

    public async ValueTask ChangedAsync(Session session, SimChange change)
    {
        foreach (var follower in _all)
            await follower.ChangedAsync(session, change);
    }

    public async ValueTask CreatedAsync(Session session, SimsCreated created)
    {
        foreach (var follower in _all)
            await follower.CreatedAsync(session, created);
    }
}
