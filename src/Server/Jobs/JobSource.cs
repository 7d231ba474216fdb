namespace Simkeeper.Server.Jobs;

/// <summary>A source of jobs for a worker.</summary>
internal interface IJobSource
{
    Lane Lane { get; }

    /// <summary>Claims due jobs, as many as it has room for and at most <paramref name="max"/>.</summary>
    Task<List<Job>> ClaimAsync(DateTimeOffset now, int max);

    /// <summary>The time at which there will be a job to claim; null: not before a job is written or one under way ends.</summary>
    ValueTask<DateTimeOffset?> NextAsync(DateTimeOffset now);

    /// <summary>Notes that a job claimed here is no longer under way. Says if there is room for more now.</summary>
    bool Ended(Job job) => true;

    /// <summary>True while the worker is pausing: release waiting jobs instead of letting them wait for their turn.</summary>
    bool GivesBack
    {
        set { }
    }
}

/// <summary>The jobs of a lane that need one budget, or none.</summary>
/// <param name="room">
/// Gives the number of jobs that the budget still allows and, if there is no room, the time at which there will be.
/// </param>
/// <param name="lessUrgent">
/// Those that need the same budget and come later in the worker's order. Each fourth turn is theirs, so that a flood of urgent ones does
/// not stop them.
/// </param>
internal sealed class BudgetSource(
    JobQueue queue, Lane lane, string budget, Func<DateTimeOffset, (int Jobs, DateTimeOffset? Again)> room, BudgetSource? lessUrgent = null)
    : IJobSource
{
    private const int TurnsInARow = 3;

    private int _turns;

    public Lane Lane => lane;

    /// <summary>A source that is limited only by the worker's own slots.</summary>
    public static BudgetSource Free(JobQueue queue, Lane lane) => new(queue, lane, "", static _ => (JobQueue.ClaimMax, null));

    public async Task<List<Job>> ClaimAsync(DateTimeOffset now, int max)
    {
        var most = Math.Min(room(now).Jobs, max);
        if (most <= 0)
            return [];
        if (lessUrgent is not null && _turns == TurnsInARow)
        {
            _turns = 0;
            if (await lessUrgent.ClaimAsync(now, most) is { Count: > 0 } others)
                return others;
        }
        var claimed = await queue.ClaimAsync(lane, budget, now, most);
        if (claimed.Count > 0)
            _turns++;
        return claimed;
    }

    public async ValueTask<DateTimeOffset?> NextAsync(DateTimeOffset now)
    {
        if (await queue.NextDueAsync(lane, budget) is not { } due)
            return null;
        // A job that is due but has no room in its budget can run when there is room.
        var (jobs, again) = room(due > now ? due : now);
        return jobs > 0 ? due : again > due ? again : again is null ? null : due;
    }
}
