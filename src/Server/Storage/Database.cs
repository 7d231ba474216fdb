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

    /// <summary>Likewise, work without a result.</summary>
    public Task WriteAsync(Func<Session, ValueTask> work) => WriteAsync(async session =>
    {
        await work(session);
        return true;
    });

    /// <summary>
    /// Waits until no other server on this store is inside this section, and keeps them out until the result is disposed. The embedded
    /// store has one server only.
    /// </summary>
    public virtual Task<IAsyncDisposable> EnterAsync(Section section) => Task.FromResult<IAsyncDisposable>(NoSection.Instance);

    /// <summary>Whether other servers may be on the same store.</summary>
    public virtual bool IsShared => false;

    /// <summary>
    /// The time by which leases are compared. It is one for all servers on this store, even if their own clocks differ. The embedded store
    /// has one server, whose clock it is.
    /// </summary>
    public virtual DateTimeOffset LeaseTime(TimeProvider wall) => wall.GetUtcNow();

    public abstract ValueTask DisposeAsync();

    private sealed class NoSection : IAsyncDisposable
    {
        public static readonly NoSection Instance = new();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>What only one server at a time may do.</summary>
internal enum Section
{
    /// <summary>Bringing the schema up to date, making the key ring, seeding; and the whole of a copy from the embedded store.</summary>
    Start = 1,

    /// <summary>Moving the sandbox's clock. While a server is inside, no other claims jobs.</summary>
    Clock = 2,
}
