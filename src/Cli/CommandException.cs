namespace Simkeeper.Cli;

/// <summary>
/// A command cannot go on. The message gives the reason in a sentence for the person who gave the command, and never contains a secret.
/// </summary>
internal sealed class CommandException(string message, int exitCode = ExitCode.Failed, Exception? cause = null, bool isAnswer = false)
    : Exception(message, cause)
{
    public int ExitCode => exitCode;

    /// <summary>True if the server refused and would refuse again; false if it may answer later.</summary>
    public bool IsAnswer => isAnswer;
}

/// <summary>The exit codes that scripts go by. 0 means that all of it worked.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUse = 2;
    public const int RowsRefused = 3;

    /// <summary>An operation that was waited for ended otherwise than done, or not in time.</summary>
    public const int EndedOtherwise = 4;
}
