namespace Simkeeper.Server.Storage;

/// <summary>
/// Signals between the servers of one store. A signal may be lost, so receivers also look by themselves at least every second. The embedded
/// store has one server, which tells nobody.
/// </summary>
internal class Signals : IAsyncDisposable
{
    /// <summary>A value of the installation has changed: see <see cref="InstallationWatch"/>.</summary>
    public const string Installation = "installation";

    /// <summary>Raised with a signal of another server.</summary>
    public event Action<string>? Heard;

    /// <summary>
    /// Tells the other servers soon; a signal given many times meanwhile is sent once. The change that it tells of is committed.
    /// </summary>
    public virtual void Tell(string word)
    {
    }

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected void Hear(string word) => Heard?.Invoke(word);
}
