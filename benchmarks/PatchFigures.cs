using System.Diagnostics;
using System.Threading.Channels;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage.Sqlite;

namespace Simkeeper.Bench;

/// <summary>Durable writes over HTTP, against the same two statements in the shortest loop that commits in groups.</summary>
internal static class PatchFigures
{
    private const int Sims = 100_000;
    private const int Callers = 64;

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        var (folder, sims) = await Stores.FillAsync(setup, "patch", Sims);
        var copy = Stores.Copy(setup, folder, "patch-bare");
        var paths = setup.Lines("patch", sims.Select(sim => $"/projects/sandbox/sims/{sim.GigsId}"));
        await using var server = await ServerProcess.StartAsync(setup.Program, folder);
        await using var store = await BareStore.OpenAsync(copy);
        var rows = sims.Select(sim => new UpdatedSim(sim)).ToList();
        var rounds = await Rounds.RunAsync(
            async () => (await Wrk.RunAsync(
                server.Url, "patch.lua", Callers, setup.Seconds, paths, ServerProcess.GigsAuthorization)).PerSecond,
            () => BarePerSecondAsync(store, rows, TimeSpan.FromSeconds(setup.Seconds)));
        return
        [
            Figure.AtLeast($"PATCH metadata, durable, {Callers} connections, ÷ bare group commit", 0.60,
                rounds.Ratio(0, 1), $"{rounds.Of(0):N0}/s", $"{rounds.Of(1):N0}/s"),
        ];
    }

    /// <summary>Callers that each wait for their own commit, one channel, one writer's thread: the server's writer without a server.</summary>
    private static async Task<double> BarePerSecondAsync(BareStore store, List<UpdatedSim> sims, TimeSpan span)
    {
        var queue = Channel.CreateUnbounded<TaskCompletionSource>(new UnboundedChannelOptions { SingleReader = true });
        var writer = new Thread(() => Write(store, sims, queue.Reader));
        writer.Start();
        var watch = Stopwatch.StartNew();
        var done = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            for (; watch.Elapsed < span; count++)
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

    private static void Write(BareStore store, List<UpdatedSim> sims, ChannelReader<TaskCompletionSource> queue)
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
                sims[Random.Shared.Next(sims.Count)].Write(store);
                release.ExecuteNonQuery();
            }
            commit.ExecuteNonQuery();
            foreach (var work in batch)
                work.SetResult();
            batch.Clear();
        }
    }

    /// <summary>A SIM's row as it stands in the bare store, so that each update names the right version.</summary>
    private sealed class UpdatedSim(Sim sim)
    {
        private static readonly int MetadataAt = IndexOf("@metadata");
        private static readonly int VersionAt = IndexOf("@version");
        private static int _readings;

        private readonly object[] _values = BareStore.Bound(SimSql.UpdateValues(sim));

        public void Write(BareStore store)
        {
            var previous = _values[MetadataAt];
            var updated = $$"""{"customer":"c-1","site":"berlin-1","reading":"1700000000-{{_readings++}}"}""";
            _values[MetadataAt] = updated;
            store.Update(_values, BareStore.Bound(sim.OrgId, Inventory.NewId(), sim.Id, sim.AccountId, "metadata", "account", sim.Sid,
                "127.0.0.1", null, $$$"""{"previous":{"metadata":{{{previous}}}},"updated":{"metadata":{{{updated}}}}}"""));
            _values[VersionAt] = (long)_values[VersionAt] + 1;
        }

        private static int IndexOf(string parameter) => SimSql.Update.Parameters.ToList().IndexOf(parameter);
    }
}
