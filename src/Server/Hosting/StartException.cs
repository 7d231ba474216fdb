namespace Simkeeper.Server.Hosting;

/// <summary>The server cannot start, for a reason that the person who starts it can mend; the message says how.</summary>
/// <param name="message">One or two sentences.</param>
/// <param name="cause">The exception that caused it, or null.</param>
/// <param name="wrongUse">True when a setting or option is wrong: exit code 2 instead of 1.</param>
public sealed class StartException(string message, Exception? cause = null, bool wrongUse = false) : Exception(message, cause)
{
    public bool WrongUse { get; } = wrongUse;

    /// <summary>True if something that it needs cannot be reached, and may be there a moment later.</summary>
    public bool IsAway { get; init; }
}
