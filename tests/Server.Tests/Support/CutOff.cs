using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Tests.Support;

/// <summary>A store that can be cut off.</summary>
internal sealed class CutOff(Database inner) : Database
{
    public volatile bool IsAway;

    private int _refused;

    /// <summary>Reads and writes that were refused.</summary>
    public int Refused => Volatile.Read(ref _refused);

    public override ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work) => IsAway ? throw Away() : inner.ReadAsync(work);

    public override Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work) => IsAway ? throw Away() : inner.WriteAsync(work);

    public override ValueTask DisposeAsync() => inner.DisposeAsync();

    private StoreAwayException Away()
    {
        Interlocked.Increment(ref _refused);
        return new StoreAwayException(new IOException("cut off"));
    }
}
