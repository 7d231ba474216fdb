namespace Simkeeper.Server.Jobs;

/// <summary>
/// Runs the jobs of <see cref="Lane.Timers"/>. They ask nobody outside, so a move of the clock can work on many of them together.
/// </summary>
internal interface ITimers
{
    /// <summary>
    /// Gives the timers that are due next, oldest first, up to a moment. Only the last of them may cause a message, which is then sent
    /// before the next timer runs.
    /// </summary>
    Task<IReadOnlyList<Job>> NextAsync(DateTimeOffset until, int max);

    /// <summary>Runs a timer as if it were this moment.</summary>
    Task RunAsync(Job timer, DateTimeOffset at);
}
