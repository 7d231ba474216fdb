namespace Simkeeper.Server.Jobs;

/// <summary>A source of jobs for a worker.</summary>
internal interface IJobSource
{
    IReadOnlyList<Lane> Lanes { get; }

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

/// <summary>The jobs that need one budget, or none.</summary>
/// <param name="lanes">Their lanes, the most urgent first.</param>
/// <param name="room">
/// Gives the number of jobs that the budget still allows and, if there is no room, the time at which there will be.
/// </param>
internal sealed class BudgetSource(
    JobQueue queue, IReadOnlyList<Lane> lanes, string budget, Func<DateTimeOffset, (int Jobs, DateTimeOffset? Again)> room) : IJobSource
{
    /// <summary>After as many turns of urgent jobs one begins with the others, so that a flood of urgent ones does not stop them.</summary>
    private const int UrgentTurnsMax = 3;

    private int _urgentTurns;

    public IReadOnlyList<Lane> Lanes => lanes;

    /// <summary>A source that is limited only by the worker's own slots.</summary>
    public static BudgetSource Free(JobQueue queue, params IReadOnlyList<Lane> lanes) =>
        new(queue, lanes, "", static _ => (JobQueue.ClaimMax, null));

    public async Task<List<Job>> ClaimAsync(DateTimeOffset now, int max)
    {
        var most = Math.Min(room(now).Jobs, max);
        var claimed = new List<Job>();
        var isTurnOfOthers = _urgentTurns == UrgentTurnsMax;
        foreach (var lane in isTurnOfOthers ? lanes.Reverse() : lanes)
        {
            if (claimed.Count >= most)
                break;
            var found = await queue.ClaimAsync(lane, budget, now, most - claimed.Count);
            claimed.AddRange(found);
            if (found.Count > 0)
                _urgentTurns = isTurnOfOthers ? 0 : lane == Lane.Urgent ? _urgentTurns + 1 : _urgentTurns;
        }
        return claimed;
    }

    public async ValueTask<DateTimeOffset?> NextAsync(DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var lane in lanes)
        {
            if (await queue.NextDueAsync(lane, budget) is { } due && !(due >= next))
                next = due;
        }
        if (next is not { } first)
            return null;
        // A job that is due but has no room in its budget can run when there is room.
        var (jobs, again) = room(first > now ? first : now);
        return jobs > 0 ? first : again > first ? again : again is null ? null : first;
    }
}
