using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Storage.Sqlite;

/// <summary>
/// The one writer. Transactions queue up; a thread of its own takes up to 256 at a time, gives each a savepoint, and makes them durable
/// with one commit (docs/decisions/0003-group-commit.md has the figures).
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    public const int BatchMax = 256;

    /// <summary>Transactions that may wait; beyond that a caller waits to get in.</summary>
    public const int QueueMax = 10_000;

    private readonly Channel<Work> _queue = Channel.CreateBounded<Work>(
        new BoundedChannelOptions(QueueMax) { SingleReader = true, AllowSynchronousContinuations = false });

    private static readonly Sql
        Begin = new("begin immediate"), Savepoint = new("savepoint work"), Release = new("release work"),
        RollbackOne = new("rollback to work"), Commit = new("commit"), Rollback = new("rollback");

    private readonly SqliteSession _session;
    private readonly Thread _thread;

    public SqliteWriter(SqliteSession session)
    {
        _session = session;
        _thread = new Thread(Run) { Name = "sqlite writer", IsBackground = true };
        _thread.Start();
    }

    public async Task<T> RunAsync<T>(Func<Session, ValueTask<T>> body)
    {
        var work = new Work<T>(body);
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
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            batch.Clear();
            try
            {
                _session.Execute(Begin);
                while (batch.Count < BatchMax && _queue.Reader.TryRead(out var work))
                {
                    batch.Add(work);
                    RunOne(work);
                }
                _session.Execute(Commit);
                Measured.Commit(batch.Count);
            }
            catch (SqliteException e)
            {
                // Nothing of this batch is durable: every caller is told so, and the next batch starts afresh.
                Abandon();
                foreach (var work in batch)
                    work.Fail(e);
            }
            foreach (var work in batch)
                work.Answer();
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

    private abstract class Work
    {
        /// <summary>Runs the body; false when it threw and must be taken back.</summary>
        public abstract bool Run(Session session);

        public abstract void Fail(Exception error);

        /// <summary>Lets the caller go on; called once the batch is durable.</summary>
        public abstract void Answer();
    }

    private sealed class Work<T>(Func<Session, ValueTask<T>> body) : Work
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

        public override void Answer()
        {
            if (_error is null)
                _done.SetResult(_result);
            else
                _done.SetException(_error);
        }
    }
}
