namespace Simkeeper.Server.Storage;

/// <summary>
/// Word between the servers of one store. It may be lost, so whoever acts on it also looks by itself at least every second. The embedded
/// store has one server, which tells nobody.
/// </summary>
internal class Signals : IAsyncDisposable
{
    /// <summary>What the installation holds has changed: see <see cref="InstallationWatch"/>.</summary>
    public const string Installation = "installation";

    /// <summary>Raised with what another server said.</summary>
    public event Action<string>? Heard;

    /// <summary>Tells the other servers, soon, and once for a word said many times meanwhile. What it is about is committed.</summary>
    public virtual void Tell(string word)
    {
    }

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected void Hear(string word) => Heard?.Invoke(word);
}
