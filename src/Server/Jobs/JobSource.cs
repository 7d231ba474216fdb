namespace Simkeeper.Server.Jobs;

/// <summary>Where a worker finds jobs.</summary>
internal interface IJobSource
{
    Lane Lane { get; }

    /// <summary>Claims due jobs: as many as there is room for, and at most <paramref name="max"/>.</summary>
    Task<List<Job>> ClaimAsync(DateTimeOffset now, int max);

    /// <summary>When there will be something to claim; null: not before a job is written or one under way ends.</summary>
    ValueTask<DateTimeOffset?> NextAsync(DateTimeOffset now);

    /// <summary>A job that was claimed here is no longer under way. Says whether there is room for more now.</summary>
    bool Ended(Job job) => true;

    /// <summary>Whether jobs that wait for a turn of theirs give themselves back instead: the worker is to come to rest.</summary>
    bool GivesBack
    {
        set { }
    }
}

/// <summary>The jobs of a lane that need one budget, or none.</summary>
/// <param name="room">How many more the budget allows; also when there will be room again, if there is none.</param>
internal sealed class BudgetSource(
    JobQueue queue, Lane lane, string budget, Func<DateTimeOffset, (int Jobs, DateTimeOffset? Again)> room) : IJobSource
{
    public Lane Lane => lane;

    /// <summary>A source that only the worker's own slots bound.</summary>
    public static BudgetSource Free(JobQueue queue, Lane lane) => new(queue, lane, "", static _ => (JobQueue.ClaimMax, null));

    public async Task<List<Job>> ClaimAsync(DateTimeOffset now, int max)
    {
        var most = Math.Min(room(now).Jobs, max);
        return most > 0 ? await queue.ClaimAsync(lane, budget, now, most) : [];
    }

    public async ValueTask<DateTimeOffset?> NextAsync(DateTimeOffset now)
    {
        if (await queue.NextDueAsync(lane, budget) is not { } due)
            return null;
        // What is due but has no room in its budget is due when there is room.
        var (jobs, again) = room(due > now ? due : now);
        return jobs > 0 ? due : again > due ? again : again is null ? null : due;
    }
}
