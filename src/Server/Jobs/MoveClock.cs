using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Jobs;

/// <summary>
/// Moves the sandbox's clock. Time goes from one due job to the next, in order, while every worker stands still. The clock is stored with
/// each step: if the process dies, the clock goes on from the last step. One server at a time moves it, and the others claim nothing.
/// </summary>
internal sealed class MoveClock(
    Database database, SimClock clock, JobQueue jobs, ITimers timers, FailedJobs failed, IEnumerable<WorkerLoop> loops, Signals signals,
    ILogger log) : IAsyncDisposable
{
    /// <summary>The longest way from today that the clock can be moved.</summary>
    public static readonly TimeSpan OffsetMax = TimeSpan.FromDays(100 * 365);

    /// <summary>The timers worked on together: they ask nobody outside, so one commit serves them all.</summary>
    private const int TimersMax = 256;

    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Held while this server may set the clock: the stored state then comes from here.</summary>
    private readonly SemaphoreSlim _setting = new(1);

    private readonly CancellationTokenSource _stop = new();
    private string? _stored;
    private volatile bool _stopping;

    /// <summary>Reads the clock as another server has set it.</summary>
    public async Task TakeUpAsync()
    {
        if (!await _setting.WaitAsync(0))
            return;
        try
        {
            await TakeUpStoredAsync();
        }
        finally
        {
            _setting.Release();
        }
    }

    /// <summary>Stops a move after its current step; the clock stays at the moment that it has reached.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        await _stop.CancelAsync();
        await _one.WaitAsync();
        _one.Dispose();
        _setting.Dispose();
        _stop.Dispose();
    }

    public Task FreezeAsync() => SetAsync(() => clock.Freeze(clock.Now));

    public Task ResumeAsync() => SetAsync(clock.Resume);

    /// <summary>Moves the clock. The task ends when everything that became due is done.</summary>
    /// <param name="target">Gives the target for the time at the start.</param>
    /// <returns>The target, and the move itself; an error if it lies in the past or too far away.</returns>
    public async Task<Result<(DateTimeOffset Target, Task Done)>> StartAsync(Func<DateTimeOffset, DateTimeOffset> target)
    {
        var turn = await TakeTurnAsync();
        var now = clock.Now;
        var to = target(now);
        if (to < now || to - clock.Wall.GetUtcNow() > OffsetMax)
        {
            await turn.DisposeAsync();
            return new Error(ErrorCode.InvalidValue, "The clock moves forward only, and at most 100 years from today.", "to");
        }
        // The time that the move itself takes is not lost: the clock ends up ahead by exactly the requested time.
        var ahead = clock.Offset + (to - now);
        return (to, Task.Run(() => MoveAsync(turn, to, ahead)));
    }

    private async Task MoveAsync(Turn turn, DateTimeOffset target, TimeSpan ahead)
    {
        await using var ends = turn;
        var paused = new List<IDisposable>();
        TimeSpan? offset = null;
        try
        {
            foreach (var loop in loops)
                paused.Add(await loop.PauseAsync());
            await jobs.WaitForOthersAsync(_stop.Token);
            clock.MoveTo(clock.Now);
            while (!_stopping && await NextAsync(target) is { } next)
                await StepAsync(next, target);
            if (!_stopping)
            {
                // Stored first: a request that is served meanwhile must not happen at a time that a crash would undo.
                await StoreAsync(target);
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
            }
        }
    }

    /// <summary>The time of the next job that is due up to the target, and if only timers are due then.</summary>
    private async Task<(DateTimeOffset At, bool OnlyTimers, DateTimeOffset NextOther)?> NextAsync(DateTimeOffset target)
    {
        DateTimeOffset? timers = null, others = null;
        foreach (var source in loops.SelectMany(loop => loop.Sources))
        {
            var due = await source.NextAsync(clock.Now);
            if (source.Lanes.Contains(Lane.Timers))
                timers = Earlier(timers, due);
            else
                others = Earlier(others, due);
        }
        var at = Earlier(timers, others);
        return at is null || at > target ? null : (at.Value, timers < (others ?? DateTimeOffset.MaxValue), others ?? target);
    }

    private async Task StepAsync((DateTimeOffset At, bool OnlyTimers, DateTimeOffset NextOther) next, DateTimeOffset target)
    {
        var at = Later(next.At, clock.Now);
        if (next.OnlyTimers && await RunTimersAsync(next.NextOther < target ? next.NextOther : target))
            return;
        // Stored before anything is done at this moment, so that nothing done lies ahead of a clock that could not be stored.
        await StoreAsync(at);
        clock.MoveTo(at);
        foreach (var loop in loops)
            await loop.DrainAsync();
    }

    /// <summary>Runs the next timers. False if there are none: a due job may be of a kind that this program does not know.</summary>
    private async Task<bool> RunTimersAsync(DateTimeOffset until)
    {
        var together = await timers.NextAsync(until, TimersMax);
        if (together.Count == 0)
            return false;
        var began = clock.Now;
        var last = Later(together[^1].DueAt, began);
        await StoreAsync(last);
        try
        {
            if (database.IsShared)
            {
                // Transactions on several connections have no order among them.
                foreach (var timer in together)
                    await RunAsync(timer, began);
            }
            else
            {
                // The one writer takes them in this order and commits many together.
                await Task.WhenAll(together.Select(timer => RunAsync(timer, began)));
            }
        }
        finally
        {
            // Also when the store is away now: some may have been done, and the rest are due.
            clock.MoveTo(last);
        }
        return true;
    }

    private async Task RunAsync(Job timer, DateTimeOffset notBefore)
    {
        try
        {
            await timers.RunAsync(timer, Later(timer.DueAt, notBefore));
        }
        catch (Exception e) when (e is not StoreAwayException)
        {
            await failed.NoteAsync(timer, e, static (_, _) => Task.FromResult(false));
        }
    }

    private async Task SetAsync(Action set)
    {
        await using var turn = await TakeTurnAsync();
        set();
        await StoreAsync();
    }

    /// <summary>Waits until this server may set the clock, and reads the state that the last one left.</summary>
    private async Task<Turn> TakeTurnAsync()
    {
        await _one.WaitAsync();
        IAsyncDisposable section;
        try
        {
            section = await database.EnterAsync(Section.Clock);
        }
        catch
        {
            _one.Release();
            throw;
        }
        await _setting.WaitAsync();
        var turn = new Turn(this, section);
        try
        {
            await TakeUpStoredAsync();
            return turn;
        }
        catch
        {
            await turn.DisposeAsync();
            throw;
        }
    }

    private async Task TakeUpStoredAsync()
    {
        if (!database.IsShared || await Installation.LoadAsync(database, StoredClock.Name) is not { } stored || stored == _stored)
            return;
        _stored = stored;
        StoredClock.Read(stored, clock);
    }

    private Task StoreAsync() => StoreAsync(clock.Now);

    private async Task StoreAsync(DateTimeOffset at)
    {
        _stored = StoredClock.Write(clock, at);
        await Installation.StoreAsync(database, StoredClock.Name, _stored);
        signals.Tell(Signals.Installation);
    }

    /// <summary>Until it is disposed, no other server sets the clock.</summary>
    private sealed class Turn(MoveClock move, IAsyncDisposable section) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            move._setting.Release();
            await section.DisposeAsync();
            move._one.Release();
        }
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null ? b : b is null || a < b ? a : b;
}
