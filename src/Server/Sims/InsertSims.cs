using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>Writes new SIMs: their numbers, their rows and their events, each table once.</summary>
internal static class InsertSims
{
    /// <exception cref="NumberTakenException">A number belongs to another SIM: it takes the transaction back.</exception>
    public static async ValueTask RunAsync(Session session, IReadOnlyList<(Sim Sim, SimEvent Created)> sims)
    {
        List<object?[]> numbers = [], rows = [], events = [];
        foreach (var (sim, created) in sims)
        {
            foreach (var number in SimNumbers.Of(sim))
                numbers.Add(DirectoryTable.Rows.Values(number));
            rows.Add(SimTable.Rows.Values(sim));
            events.Add(EventTable.Rows.Values(created));
        }
        if (await session.InsertAsync(DirectorySql.Insert, numbers) != numbers.Count)
            throw new NumberTakenException();
        await session.InsertAsync(SimSql.Insert, rows);
        await session.InsertAsync(EventSql.Insert, events);
    }
}

/// <summary>Of the numbers of new SIMs, one belongs to another SIM.</summary>
internal sealed class NumberTakenException : Exception;
