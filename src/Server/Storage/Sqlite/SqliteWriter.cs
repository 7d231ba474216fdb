using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Storage.Sqlite;

/// <summary>
/// The one writer. Transactions queue up; a thread of its own takes up to 256 at a time, gives each a savepoint, and makes them durable
/// with one commit (docs/decisions/0003-group-commit.md has the figures). Those of requests and those of due work take turns, so that
/// neither stops the other.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    public const int BatchMax = 256;

    /// <summary>The most transactions that may wait sorted, and as many unsorted; beyond it a caller waits to get in.</summary>
    public const int QueueMax = 10_000;

    /// <summary>
    /// The time after which a batch takes no more transactions. Due work has several, one after the other, each in a batch of its own.
    /// </summary>
    private static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// The wait of a batch for the lock of another program, in milliseconds. After it, all waiting callers are told that the store is away.
    /// </summary>
    private const int BusyMilliseconds = 2000;

    /// <summary>The wait, in milliseconds, for readers of the log that is to be emptied. All writers wait meanwhile.</summary>
    private const int ReadersMilliseconds = 250;

    private readonly Channel<Work> _queue = Channel.CreateBounded<Work>(
        new BoundedChannelOptions(QueueMax) { SingleReader = true, AllowSynchronousContinuations = false });

    private static readonly Sql
        Begin = new("begin immediate"), Savepoint = new("savepoint work"), Release = new("release work"),
        RollbackOne = new("rollback to work"), Commit = new("commit"), Rollback = new("rollback"),
        WaitForLock = new($"pragma busy_timeout = {BusyMilliseconds}"),
        WaitForReaders = new($"pragma busy_timeout = {ReadersMilliseconds}"),
        Empty = new("pragma wal_checkpoint(truncate)");

    private readonly SqliteSession _session;
    private readonly Func<bool> _isGone;
    private readonly Thread _thread;

    /// <summary>The transactions that are next, sorted by the thread.</summary>
    private readonly Queue<Work> _ofRequests = new(), _ofDueWork = new();

    private bool _isTurnOfDueWork;
    private volatile bool _isStuck;

    /// <param name="isGone">Says if the files that it writes are not those of the folder any more.</param>
    public SqliteWriter(SqliteSession session, Func<bool> isGone)
    {
        (_session, _isGone) = (session, isGone);
        _session.Execute(WaitForLock);
        _thread = new Thread(Run) { Name = "sqlite writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>True if the last batch failed. Then <see cref="TryAsync"/> finds out when the store is there again.</summary>
    public bool IsStuck => _isStuck;

    /// <summary>Commits nothing, to see if that is possible.</summary>
    public Task TryAsync() => RunAsync(static _ => new ValueTask<bool>(true));

    /// <param name="patience">Of the request that asks; if it ends before the work has begun, the work is withdrawn.</param>
    public async Task<T> RunAsync<T>(Func<Session, ValueTask<T>> body, Patience? patience = null)
    {
        patience?.Check();
        var work = new Work<T>(body, isDueWork: !Patience.IsRequest);
        if (patience is null)
        {
            await _queue.Writer.WriteAsync(work);
            return await work.Task;
        }
        var queued = _queue.Writer.TryWrite(work) ? Task.CompletedTask : _queue.Writer.WriteAsync(work).AsTask();
        try
        {
            return queued.IsCompletedSuccessfully
                ? await work.Task.WaitAsync(patience.Left, patience.Gone)
                : await QueuedAsync().WaitAsync(patience.Left, patience.Gone);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // It has begun, or is even done by now: what comes of it is the answer.
            if (!work.Withdraw())
                return await work.Task;
            patience.Check();
            throw new OutOfTimeException();
        }

        async Task<T> QueuedAsync()
        {
            await queued;
            return await work.Task;
        }
    }

    /// <summary>
    /// Empties the write-ahead log between two batches. Another connection cannot while transactions follow one another: one is always
    /// under way. False: a reader still needs the log.
    /// </summary>
    public async Task<bool> EmptyLogAsync()
    {
        var work = new EmptyingLog();
        await _queue.Writer.WriteAsync(work);
        return await work.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        _thread.Join();
        await _session.DisposeAsync();
    }

    private void Run()
    {
        var batch = new List<Work>(BatchMax);
        while (_ofRequests.Count + _ofDueWork.Count > 0 || _queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            batch.Clear();
            try
            {
                _session.Execute(Begin);
                var began = Stopwatch.GetTimestamp();
                while (batch.Count < BatchMax && Stopwatch.GetElapsedTime(began) < BatchTime && TryTake(out var work))
                {
                    if (!work.Begin())
                        continue;
                    batch.Add(work);
                    RunOne(work);
                    if (work is EmptyingLog)
                        break; // The last of its batch, so that nobody waits for it whose transaction is durable.
                }
                _session.Execute(Commit);
                if (batch.Count > 0)
                    Measured.Commit(batch.Count);
                // Looked at after the commit: a write into a deleted file must not be acknowledged.
                if (_isGone())
                    throw new IOException("The database file was deleted or replaced.");
                _isStuck = false;
            }
            catch (Exception e) when (e is SqliteException or IOException)
            {
                _isStuck = true;
                // Nothing of this batch is durable: every caller is told so, and the next batch starts afresh.
                Abandon();
                if (batch.Count == 0)
                    TakeAll(batch);
                foreach (var work in batch)
                    work.Fail(e is SqliteException ? e : new StoreAwayException(e));
            }
            foreach (var work in batch)
                work.Answer(this);
        }
    }

    /// <summary>Takes the next transaction, by turns of requests and of due work.</summary>
    private bool TryTake([NotNullWhen(true)] out Work? work)
    {
        while (_ofRequests.Count + _ofDueWork.Count < QueueMax && _queue.Reader.TryRead(out var queued))
            (queued.IsDueWork ? _ofDueWork : _ofRequests).Enqueue(queued);
        var (first, second) = _isTurnOfDueWork ? (_ofDueWork, _ofRequests) : (_ofRequests, _ofDueWork);
        _isTurnOfDueWork = !_isTurnOfDueWork;
        return first.TryDequeue(out work) || second.TryDequeue(out work);
    }

    /// <summary>
    /// Takes all waiting callers of a batch that could not begin. They are told now; with no caller left, the batch is not tried again.
    /// </summary>
    private void TakeAll(List<Work> batch)
    {
        while (batch.Count < QueueMax && TryTake(out var work))
        {
            if (work.Begin())
                batch.Add(work);
        }
    }

    private bool EmptyLog()
    {
        _session.Execute(WaitForReaders);
        try
        {
            var isBusy = _session.OneAsync(Empty, static row => row.Flag(0));
            return isBusy is { IsCompletedSuccessfully: true, Result: false };
        }
        finally
        {
            _session.Execute(WaitForLock);
        }
    }

    private void RunOne(Work work)
    {
        _session.Execute(Savepoint);
        if (!work.Run(_session))
            _session.Execute(RollbackOne);
        _session.Execute(Release);
    }

    private void Abandon()
    {
        try
        {
            _session.Execute(Rollback);
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself (a full disk, an I/O error).
        }
    }

    /// <param name="isDueWork">False: a request waits for it.</param>
    private abstract class Work(bool isDueWork)
    {
        private int _taken;

        public bool IsDueWork => isDueWork;

        /// <summary>Takes it to be run; false if it has been withdrawn.</summary>
        public bool Begin() => Interlocked.Exchange(ref _taken, 1) == 0;

        /// <summary>Takes it back; false if it has begun.</summary>
        public bool Withdraw() => Interlocked.Exchange(ref _taken, 1) == 0;

        /// <summary>Runs the body; false when it threw and must be undone.</summary>
        public abstract bool Run(Session session);

        public abstract void Fail(Exception error);

        /// <summary>Lets the caller go on; called once the batch is durable.</summary>
        public abstract void Answer(SqliteWriter writer);
    }

    private sealed class Work<T>(Func<Session, ValueTask<T>> body, bool isDueWork) : Work(isDueWork)
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;
        private Exception? _error;

        public Task<T> Task => _done.Task;

        public override bool Run(Session session)
        {
            try
            {
                var result = body(session);
                if (!result.IsCompleted)
                    throw new InvalidOperationException("A transaction must not wait for anything but its session.");
                _result = result.Result;
                return true;
            }
            catch (Exception e)
            {
                _error = e;
                return false;
            }
        }

        public override void Fail(Exception error) => _error ??= error;

        public override void Answer(SqliteWriter writer)
        {
            if (_error is null)
                _done.SetResult(_result);
            else
                _done.SetException(_error);
        }
    }
    /// <summary>Waits in the queue like a transaction, and does its work after the commit.</summary>
    private sealed class EmptyingLog() : Work(isDueWork: true)
    {
        private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Exception? _error;

        public Task<bool> Task => _done.Task;

        public override bool Run(Session session) => true;

        public override void Fail(Exception error) => _error = error;

        public override void Answer(SqliteWriter writer)
        {
            try
            {
                if (_error is null)
                    _done.SetResult(writer.EmptyLog());
                else
                    _done.SetException(_error);
            }
            catch (SqliteException e)
            {
                _done.SetException(e);
            }
        }
    }
}
