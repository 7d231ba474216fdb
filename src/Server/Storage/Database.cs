namespace Simkeeper.Server.Storage;

/// <summary>The store. Reads see what is committed; a write is one transaction, and its answer comes only once it is durable.</summary>
internal abstract class Database : IAsyncDisposable
{
    /// <summary>Runs reads on a connection of the pool.</summary>
    public abstract ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work);

    /// <summary>
    /// Runs work in one transaction and returns when it is durable. An exception takes back what the work did, and nothing else.
    /// The work may run more than once and must not reach outside the session.
    /// </summary>
    public abstract Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work);

    public abstract ValueTask DisposeAsync();
}
