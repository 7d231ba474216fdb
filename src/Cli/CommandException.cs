namespace Simkeeper.Cli;

/// <summary>A command cannot go on, and why, in a sentence for the person who gave it. Never contains a secret.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCode.Failed, Exception? cause = null)
    : Exception(message, cause)
{
    public int ExitCode => exitCode;
}

/// <summary>What scripts go by. 0 is: all of it worked.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUse = 2;
    public const int RowsRefused = 3;
}
