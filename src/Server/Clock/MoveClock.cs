using System.Globalization;
using Simkeeper.Core;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Operations;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Clock;

/// <summary>
/// Moves the sandbox's clock. Time goes from one due job to the next, in order, while every worker stands still; the clock is stored
/// with each step, so that whoever dies in between goes on from there.
/// </summary>
internal sealed class MoveClock(
    Database database, SimClock clock, OperationWorker operations, IReadOnlyList<WorkerLoop> loops, ILogger log)
    : IAsyncDisposable
{
    /// <summary>How far the clock can be moved from today.</summary>
    public static readonly TimeSpan OffsetMax = TimeSpan.FromDays(100 * 365);

    /// <summary>Timers that are worked on together: nobody outside is asked, so one commit serves them all.</summary>
    private const int TimersMax = 256;

    private const string Name = "clock";

    /// <summary>The next timers of an org, and whether a callback follows: then what it causes comes before the timer after it.</summary>
    private static readonly Sql Timers = new("""
        select j.subject_id, j.due_at, case when s.remembered_url is null then 0 else 1 end from jobs j
        left join sims s on s.org_id = j.org_id and s.id = j.subject_id
        where j.org_id = @org_id and j.lane = @lane and j.budget = '' and j.due_at <= @until order by j.due_at limit @limit
        """);

    private readonly SemaphoreSlim _one = new(1);
    private volatile bool _stopping;

    /// <summary>Takes up the stored clock.</summary>
    /// <exception cref="StartException">The clock was moved, and this is no sandbox.</exception>
    public static async Task RestoreAsync(Database database, SimClock clock, bool sandbox)
    {
        var stored = await Installation.LoadAsync(database, Name);
        if (stored is null)
            return;
        if (!sandbox)
            throw new StartException("The clock of this data folder was moved. Start it with --sandbox, or take another folder.");
        var parts = stored.Split(' ');
        var offset = TimeSpan.FromMilliseconds(long.Parse(parts[0], CultureInfo.InvariantCulture));
        clock.Restore(offset, parts.Length > 1 ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(parts[1], CultureInfo.InvariantCulture)) : null);
    }

    /// <summary>Stops a move after its current step; the clock stays where it came to.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        await _one.WaitAsync();
        _one.Dispose();
    }

    public async Task FreezeAsync()
    {
        await _one.WaitAsync();
        try
        {
            clock.Freeze(clock.Now);
            await StoreAsync();
        }
        finally
        {
            _one.Release();
        }
    }

    public async Task ResumeAsync()
    {
        await _one.WaitAsync();
        try
        {
            clock.Resume();
            await StoreAsync();
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Moves the clock; the task ends when everything that became due is done.</summary>
    /// <param name="target">Given the time at the start, where to.</param>
    /// <returns>The target, and the move itself; an error if it lies in the past or too far away.</returns>
    public async Task<Result<(DateTimeOffset Target, Task Done)>> StartAsync(Func<DateTimeOffset, DateTimeOffset> target)
    {
        await _one.WaitAsync();
        var now = clock.Now;
        var to = target(now);
        if (to < now || to - clock.Wall.GetUtcNow() > OffsetMax)
        {
            _one.Release();
            return new Error(ErrorCode.InvalidValue, "The clock moves forward only, and at most 100 years from today.", "to");
        }
        // The time that the move itself takes is not lost: the clock ends up ahead by just what was asked for.
        var ahead = clock.Offset + (to - now);
        return (to, Task.Run(() => MoveAsync(to, ahead)));
    }

    private async Task MoveAsync(DateTimeOffset target, TimeSpan ahead)
    {
        var paused = new List<IDisposable>();
        TimeSpan? offset = null;
        try
        {
            foreach (var loop in loops)
                paused.Add(await loop.PauseAsync());
            clock.MoveTo(clock.Now);
            while (!_stopping && await NextAsync(target) is { } next)
                await StepAsync(next, target);
            if (!_stopping)
            {
                clock.MoveTo(target);
                offset = ahead;
            }
        }
        catch (Exception e)
        {
            log.LogError(e, "The clock could not be moved all the way; it stands where it came to.");
            throw;
        }
        finally
        {
            clock.EndMove(offset);
            try
            {
                await StoreAsync();
            }
            finally
            {
                foreach (var pause in paused)
                    pause.Dispose();
                _one.Release();
            }
        }
    }

    /// <summary>When something is due next, up to the target, and whether only timers are.</summary>
    private async Task<(DateTimeOffset At, bool OnlyTimers, DateTimeOffset NextOther)?> NextAsync(DateTimeOffset target)
    {
        DateTimeOffset? timers = null, others = null;
        foreach (var source in loops.SelectMany(loop => loop.Sources))
        {
            var due = await source.NextAsync(clock.Now);
            if (source.Lane == Lane.Timers)
                timers = Earlier(timers, due);
            else
                others = Earlier(others, due);
        }
        var at = Earlier(timers, others);
        return at is null || at > target ? null : (at.Value, timers < (others ?? DateTimeOffset.MaxValue), others ?? target);
    }

    private async Task StepAsync((DateTimeOffset At, bool OnlyTimers, DateTimeOffset NextOther) next, DateTimeOffset target)
    {
        clock.MoveTo(Later(next.At, clock.Now));
        if (next.OnlyTimers)
        {
            await RunTimersAsync(next.NextOther < target ? next.NextOther : target);
            return;
        }
        // Not waited for: it is committed together with, or before, what is done at this moment.
        var stored = StoreAsync();
        foreach (var loop in loops)
            await loop.DrainAsync();
        await stored;
    }

    private async Task RunTimersAsync(DateTimeOffset until)
    {
        var due = new List<(Job Job, bool CallsBack)>();
        await database.ReadAsync(async session =>
        {
            foreach (var orgId in await AcrossOrgs.OrgsAsync(session))
            {
                due.AddRange(await session.ListAsync(Timers,
                    row => (new Job(orgId, JobKind.Timer, row.Id(0), row.Time(1)), row.Flag(2)), orgId, (long)Lane.Timers, until, TimersMax));
            }
            return true;
        });
        due = [.. due.OrderBy(timer => timer.Job.DueAt).Take(TimersMax)];
        var upTo = due.FindIndex(timer => timer.CallsBack);
        var together = (upTo < 0 ? due : due.Take(upTo + 1)).ToList();
        // The store's writer takes them in this order, and commits them together: the clock first, so that it is never behind them.
        var last = Later(together[^1].Job.DueAt, clock.Now);
        await Task.WhenAll(together.Select(timer => (Task)operations.RunTimerAsync(timer.Job, Later(timer.Job.DueAt, clock.Now)))
            .Prepend(StoreAsync(last)));
        clock.MoveTo(last);
    }

    private Task<int> StoreAsync() => StoreAsync(clock.Now);

    private Task<int> StoreAsync(DateTimeOffset at)
    {
        var value = ((long)(clock.Offset + (at - clock.Now)).TotalMilliseconds).ToString(CultureInfo.InvariantCulture)
            + (clock.Frozen ? $" {at.ToUnixTimeMilliseconds()}" : "");
        return Installation.StoreAsync(database, Name, value);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null ? b : b is null || a < b ? a : b;
}
