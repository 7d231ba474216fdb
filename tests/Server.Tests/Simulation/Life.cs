using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Tests.Simulation;

/// <summary>The exception that everything gets which a dead process still tries.</summary>
internal sealed class ProcessDiedException() : Exception("The process has died.");

/// <summary>
/// The life of one server process. It passes a crash point before and after every commit and every outside call, and dies at one of
/// them: from then on nothing it does reaches the store, a carrier or a receiver.
/// </summary>
internal sealed class Life
{
    private int _left = int.MaxValue;
    private volatile bool _over;

    public bool Over => _over;

    /// <summary>Dies at the crash point after this many.</summary>
    public void EndAfter(int points) => Volatile.Write(ref _left, points);

    public void CrashPoint()
    {
        Check();
        if (Interlocked.Decrement(ref _left) >= 0)
            return;
        _over = true;
        Check();
    }

    public void Check()
    {
        if (_over)
            throw new ProcessDiedException();
    }
}

/// <summary>The disk under the store. While it is full, what a transaction has written is undone.</summary>
internal sealed class Disk
{
    private int _left;
    private int _undone;

    /// <summary>The transactions that were undone because it was full.</summary>
    public int Undone => Volatile.Read(ref _undone);

    /// <summary>Is full for this many transactions.</summary>
    public void FullFor(int transactions) => Volatile.Write(ref _left, transactions);

    /// <exception cref="StoreAwayException">It is full.</exception>
    public void Write()
    {
        if (Volatile.Read(ref _left) <= 0 || Interlocked.Decrement(ref _left) < 0)
            return;
        Interlocked.Increment(ref _undone);
        throw new StoreAwayException(new IOException("No space left on device"));
    }
}

/// <summary>The store as a mortal process uses it.</summary>
internal sealed class MortalDatabase(Database inner, Life life, Disk disk) : Database
{
    public override async ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work)
    {
        life.Check();
        var result = await inner.ReadAsync(work);
        life.Check();
        return result;
    }

    public override async Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work)
    {
        life.CrashPoint();
        var result = await inner.WriteAsync(async session =>
        {
            // Also what had set out before the process died reaches nothing afterwards.
            life.Check();
            var written = await work(session);
            life.Check();
            disk.Write();
            return written;
        });
        life.CrashPoint();
        return result;
    }

    public override bool TakesWrites => inner.TakesWrites;

    public override bool IsShared => inner.IsShared;

    /// <summary>The story's clock, also on a shared store: its own cannot be set.</summary>
    public override DateTimeOffset Time(TimeProvider wall) => wall.GetUtcNow();

    public override DateTimeOffset LeaseTime(TimeProvider wall) =>
        IsShared ? DateTimeOffset.UnixEpoch + wall.GetElapsedTime(0) : inner.LeaseTime(wall);

    public override Task<IAsyncDisposable> EnterAsync(Section section) => inner.EnterAsync(section);

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
