using System.Diagnostics;
using System.Threading.Channels;
using Simkeeper.Server.Storage.Sqlite;

namespace Simkeeper.Bench;

/// <summary>Callers that each wait for their own commit, one channel, one writer's thread: the server's writer without a server.</summary>
internal static class GroupCommit
{
    /// <param name="more">Asked by every caller before each write.</param>
    /// <param name="write">Called on the writer's thread, in a savepoint of its own.</param>
    public static async Task<double> PerSecondAsync(BareStore store, int callers, Func<bool> more, Action write)
    {
        var queue = Channel.CreateUnbounded<TaskCompletionSource>(new UnboundedChannelOptions { SingleReader = true });
        var writer = new Thread(() => Write(store, write, queue.Reader));
        writer.Start();
        var watch = Stopwatch.StartNew();
        var done = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            for (; more(); count++)
            {
                var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await queue.Writer.WriteAsync(durable);
                await durable.Task;
            }
            return count;
        })));
        var seconds = watch.Elapsed.TotalSeconds;
        queue.Writer.Complete();
        writer.Join();
        return done.Sum() / seconds;
    }

    private static void Write(BareStore store, Action write, ChannelReader<TaskCompletionSource> queue)
    {
        using var begin = store.Command("begin immediate");
        using var savepoint = store.Command("savepoint work");
        using var release = store.Command("release work");
        using var commit = store.Command("commit");
        var batch = new List<TaskCompletionSource>(SqliteWriter.BatchMax);
        while (queue.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            begin.ExecuteNonQuery();
            while (batch.Count < SqliteWriter.BatchMax && queue.TryRead(out var work))
            {
                batch.Add(work);
                savepoint.ExecuteNonQuery();
                write();
                release.ExecuteNonQuery();
            }
            commit.ExecuteNonQuery();
            foreach (var work in batch)
                work.SetResult();
            batch.Clear();
        }
    }
}
