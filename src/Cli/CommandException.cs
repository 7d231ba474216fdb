namespace Simkeeper.Cli;

/// <summary>A command cannot go on, and why, in a sentence for the person who gave it. Never contains a secret.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCode.Failed, Exception? cause = null, bool isAnswer = false)
    : Exception(message, cause)
{
    public int ExitCode => exitCode;

    /// <summary>The server has said no, and will say it again; else it may be there later.</summary>
    public bool IsAnswer => isAnswer;
}

/// <summary>The exit codes that scripts go by. 0 means that all of it worked.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUse = 2;
    public const int RowsRefused = 3;
}
