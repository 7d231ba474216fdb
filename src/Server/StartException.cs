namespace Simkeeper.Server;

/// <summary>The server cannot start, and why, in a sentence for the person who started it.</summary>
internal sealed class StartException(string message, Exception? cause, bool wrongUse) : Exception(message, cause)
{
    public bool WrongUse => wrongUse;
}
