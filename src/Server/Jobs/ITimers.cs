namespace Simkeeper.Server.Jobs;

/// <summary>The jobs of <see cref="Lane.Timers"/>: nobody outside is asked, so a move of the clock can work on many of them together.</summary>
internal interface ITimers
{
    /// <summary>
    /// The timers that are due next, oldest first, up to a moment. The last of them may cause a message: what it causes comes before the
    /// timer after it.
    /// </summary>
    Task<IReadOnlyList<Job>> NextAsync(DateTimeOffset until, int max);

    /// <summary>Runs a timer as of a moment.</summary>
    Task RunAsync(Job timer, DateTimeOffset at);
}
