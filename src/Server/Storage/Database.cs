namespace Simkeeper.Server.Storage;

/// <summary>The store. Reads see what is committed. A write is one transaction, and returns only once it is durable.</summary>
internal abstract class Database : IAsyncDisposable
{
    /// <summary>
    /// Runs reads on a connection of the pool. They end in the store when the request that asks has gone or has used up its time
    /// (<see cref="Patience"/>).
    /// </summary>
    public abstract ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work);

    /// <summary>
    /// Says if the store answers and has an org in it: once it is migrated and seeded. It never waits for those who read.
    /// </summary>
    public virtual ValueTask<bool> AnswersAsync() => ReadAsync(AcrossOrgs.AnyAsync);

    /// <summary>
    /// Runs work in one transaction and returns when it is durable. An exception undoes this work and nothing else. The work may run more
    /// than once and must not have effects outside the session. If the request that asks goes before the work has begun, it never begins;
    /// once begun it is carried through.
    /// </summary>
    public abstract Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work);

    /// <summary>Runs work without a result in one transaction, by the same rules.</summary>
    public Task WriteAsync(Func<Session, ValueTask> work) => WriteAsync(async session =>
    {
        await work(session);
        return true;
    });

    /// <summary>
    /// Waits until no other server on this store is inside this section, and keeps others out until the result is disposed. The embedded
    /// store has one server only.
    /// </summary>
    public virtual Task<IAsyncDisposable> EnterAsync(Section section) => Task.FromResult<IAsyncDisposable>(NoSection.Instance);

    /// <summary>False while no write can be made: another program keeps the store locked, or the disk is full.</summary>
    public virtual bool TakesWrites => true;

    /// <summary>True if other servers may use the same store.</summary>
    public virtual bool IsShared => false;

    /// <summary>
    /// The time of day. All servers on a shared store have the database's, even if their own clocks differ. The embedded store has one
    /// server and that server's clock.
    /// </summary>
    public virtual DateTimeOffset Time(TimeProvider wall) => wall.GetUtcNow();

    /// <summary>The time by which leases are compared. It runs steadily on the embedded store, whatever is done to the clock.</summary>
    public virtual DateTimeOffset LeaseTime(TimeProvider wall) => Time(wall);

    public abstract ValueTask DisposeAsync();

    private sealed class NoSection : IAsyncDisposable
    {
        public static readonly NoSection Instance = new();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>A section that only one server at a time may enter.</summary>
internal enum Section
{
    /// <summary>Updating the schema, making the key ring, seeding, and the whole of a copy from the embedded store.</summary>
    Start = 1,

    /// <summary>Moving the sandbox's clock. While a server is inside, other servers claim no jobs.</summary>
    Clock = 2,
}
